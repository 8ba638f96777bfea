"""Pictures and attachments that stored pages use: links to them in a folder that nginx serves, <root>/files/<host>/<address>.

Called by cluster.edge.store when a copy is placed or taken away. What is not here is asked of the application, which looks
whether this visitor may have it.
"""

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

FOLDER = "files"


def name_of(host: str, address: str) -> str:
    """Return the name below the folder; by host, so that no site answers for the files of another."""
    return f"{host}{unquote(address)}"


class Uploads:
    """The links of one store."""

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER

    def link(self, files: Mapping[str, Path]) -> None:
        """Put links there; a file that has been replaced under its name is linked anew."""
        for name, path in files.items():
            place = self.folder / name
            with suppress(FileNotFoundError):
                if place.samefile(path):
                    continue
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.parent / f".{os.getpid()}-{secrets.token_hex(4)}"
            try:
                _link(path, draft)
                draft.replace(place)
            finally:
                draft.unlink(missing_ok=True)

    def remove(self, names: Iterable[str]) -> None:
        """Take links away."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def folders_of(self, names: Iterable[str]) -> set[Path]:
        """Return the folders in which links lie or lay."""
        return {(self.folder / name).parent for name in names}

    def has(self, name: str) -> bool:
        """Tell whether there is a link of this name, wherever it leads."""
        return os.path.lexists(self.folder / name)

    def walk(self) -> Iterator[str]:
        """Yield the names of all links."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                yield str((Path(folder) / name).relative_to(self.folder))


def _link(path: Path, draft: Path) -> None:
    try:
        os.link(path, draft)
    except FileNotFoundError:
        raise
    except OSError:
        # On another file system, or where hard links are not allowed.
        draft.symlink_to(path.resolve())
