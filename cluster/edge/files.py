"""The files of the store: a copy and its compressed siblings, put there and taken away so that no reader sees half.

Called by cluster.edge.store. Layout: <root>/<generation>/<host>/<variant>/<path>/index.html, beside it .gz and .br.
"""

import gzip
import os
import secrets
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import brotli

from cluster.edge.addresses import file_of
from cluster.edge.entries import Entry

# In the order in which a server prefers them: the end of the name, and what it is called in headers.
SIBLINGS = ((".br", "br"), (".gz", "gzip"))
_GZIP_LEVEL, _BROTLI_QUALITY = 6, 5
_DRAFT = ".draft-"
_SYNCED_ONE_BY_ONE = 20


@dataclass(slots=True)
class Draft:
    """A copy written beside its place under another name: first the siblings, last the plain file."""

    parts: list[tuple[Path, Path]]
    size: int

    def place(self, second: int) -> None:
        """Put it there by renaming, dated by this second; readers see the old copy or the new one."""
        for draft, _ in self.parts:
            os.utime(draft, (second, second))
        for draft, place in self.parts:
            draft.replace(place)

    def discard(self) -> None:
        """Remove what was not put in place."""
        for draft, _ in self.parts:
            draft.unlink(missing_ok=True)


class Files:
    """The files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path_of(self, entry: Entry) -> Path:
        """Return the plain file of a copy."""
        return self.root / entry.generation / file_of(entry.address, entry.media_class)

    def host_of(self, path: Path) -> str:
        """Return the host whose folder a file of the store lies in."""
        return path.relative_to(self.root).parts[1]

    def draft(self, place: Path, body: bytes) -> Draft:
        """Write a copy and its siblings beside their place."""
        place.parent.mkdir(parents=True, exist_ok=True)
        variants = [
            (".gz", gzip.compress(body, _GZIP_LEVEL, mtime=0)),
            (".br", brotli.compress(body, quality=_BROTLI_QUALITY)),
            ("", body),
        ]
        mark = f"{_DRAFT}{os.getpid()}-{secrets.token_hex(4)}"
        draft = Draft([(place.parent / f"{mark}{end}", Path(f"{place}{end}")) for end, _ in variants], 0)
        try:
            for (path, _), (_, content) in zip(draft.parts, variants, strict=True):
                path.write_bytes(content)
                draft.size += len(content)
        except BaseException:
            draft.discard()
            raise
        return draft

    def remove(self, entries: Sequence[Entry]) -> None:
        """Remove copies, the siblings first: servers offer each by its own name, and a copy is there while its plain file is."""
        for entry in entries:
            plain = self.path_of(entry)
            for end in (*(end for end, _ in SIBLINGS), ""):
                Path(f"{plain}{end}").unlink(missing_ok=True)

    def folders_of(self, entries: Iterable[Entry]) -> set[Path]:
        """Return the folders in which copies lie or lay."""
        return {self.path_of(entry).parent for entry in entries}

    def used_at(self, entry: Entry) -> float:
        """Return when a server last read the copy, as well as the file system tells; 0 where it is gone."""
        plain, found = self.path_of(entry), 0.0
        for end in ("", *(end for end, _ in SIBLINGS)):
            with suppress(FileNotFoundError):
                found = max(found, Path(f"{plain}{end}").stat().st_atime)
        return found

    def size_of(self, entry: Entry) -> int | None:
        """Return the bytes of a copy with its siblings; None where any of them is missing."""
        plain = self.path_of(entry)
        try:
            return sum(Path(f"{plain}{end}").stat().st_size for end in ("", *(end for end, _ in SIBLINGS)))
        except FileNotFoundError:
            return None

    def texts_of(self, entry: Entry) -> list[bytes]:
        """Return what visitors get of a copy, unpacked: of the plain file, then of each sibling; nothing for a broken one."""
        plain = self.path_of(entry)
        return [plain.read_bytes(), *(_unpacked(Path(f"{plain}{end}"), encoding) for end, encoding in SIBLINGS)]

    def walk(self, generations: Iterable[str]) -> Iterator[Path]:
        """Yield every file of these generations, drafts included."""
        for generation in generations:
            for folder, _, names in os.walk(self.root / generation):
                yield from (Path(folder) / name for name in names)


def _unpacked(path: Path, encoding: str) -> bytes:
    packed = path.read_bytes()
    try:
        return brotli.decompress(packed) if encoding == "br" else gzip.decompress(packed)
    except (brotli.error, OSError, EOFError, zlib.error):
        return b""


def plain_of(path: Path) -> Path:
    """Return the plain file beside which a file of the store stands; itself for plain files."""
    for end, _ in SIBLINGS:
        if path.name.endswith(end):
            return path.with_name(path.name.removesuffix(end))
    return path


def is_draft(path: Path) -> bool:
    """Tell whether a file is one that a writer had not finished."""
    return path.name.startswith(_DRAFT)


def sync_folders(root: Path, folders: Collection[Path]) -> None:
    """Wait until the disk knows what the folders hold: what was withdrawn must not return with a power cut.

    Thousands, as of a whole site, would take minutes one by one: a journal is written in the order of events, and so a
    change of the root that comes after them, waited for, takes all of them along.
    """
    if len(folders) > _SYNCED_ONE_BY_ONE:
        os.utime(root)
        folders = [root]
    for folder in folders:
        with suppress(FileNotFoundError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
