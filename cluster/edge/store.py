"""The page store of this server: find a copy, write one, take away what changes and withdrawals reach.

Called by the middleware and the WSGI layer, by the feed of the store and by commands. Needs no database: index and copies
are files of this server.
"""

import logging
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from cluster.edge import generation, keys
from cluster.edge.addresses import file_of, media_classes_of
from cluster.edge.entries import Address, Entry, Touch, Touched
from cluster.edge.files import Files, is_draft, plain_of, sync_folders
from cluster.edge.index import Index
from cluster.edge.membership import Memberships
from cluster.edge.recording import Recording
from cluster.edge.uploads import Uploads, name_of

logger = logging.getLogger(__name__)
INDEX = "index.sqlite3"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A copy on disk and its class."""

    path: Path
    media_class: str


class Store:
    """The store in one folder. Copies are made for one generation, those of the one before are only removed.

    `loaded_at` is when the code of that generation was loaded; now, where nothing is said.
    """

    def __init__(self, root: Path, name: str, loaded_at: float | None = None) -> None:
        self.root, self.generation = root, name
        self.loaded_at = time.time() if loaded_at is None else loaded_at
        self.files, self.uploads = Files(root), Uploads(root)
        self.index = Index(root / INDEX, name)
        self.membership = Memberships(self.index.connections)
        self._settle()

    def _settle(self) -> None:
        for gone in generation.settle(self.root, self.generation, self.loaded_at):
            self.index.forget(self._of_generation(gone), remove=self._remove)

    def _of_generation(self, name: str) -> list[Entry]:
        return [entry for entry in self.index.entries_of() if entry.generation == name]

    # ---- reading

    def find(self, address: Address, *, link: str = generation.CURRENT) -> Found | None:
        """Return the copy at an address, from the generation in use or from the one before."""
        for media_class in media_classes_of(address.path):
            path = self.root / link / file_of(address, media_class)
            if path.is_file():
                return Found(path, media_class)
        return None

    # ---- writing

    @property
    def is_current(self) -> bool:
        """Tell whether this process still runs the code whose copies are served.

        A folder that somebody has emptied meanwhile begins again.
        """
        served = generation.linked(self.root, generation.CURRENT)
        if served is None:
            self._settle()
            served = generation.linked(self.root, generation.CURRENT)
        return served == self.generation

    def write(
        self, address: Address, recording: Recording, body: bytes, *, site: str, uploads: Mapping[str, Path]
    ) -> bool:
        """Keep a rendered page; False where something that it used changed while it was rendered.

        Also where nobody would tell this store of a change: until the agent has registered it.
        `uploads` are the pictures and attachments that are served as long as the page is, by their addresses.
        """
        if not self.is_current or not self.membership.is_told:
            return False
        place = self.root / self.generation / file_of(address, recording.media_class)
        draft = self.files.draft(place, body)
        entry = Entry(
            address=address,
            generation=self.generation,
            site=site,
            kind="deep" if address.query else recording.kind,
            media_class=recording.media_class,
            size=draft.size,
            stored_at=time.time(),
            holds_until=recording.holds_until,
        )
        files = {name_of(address.host, link): path for link, path in uploads.items()}

        def place_all(second: int) -> None:
            self.uploads.link(files)
            draft.place(second)

        try:
            admitted = self.index.admit(
                entry, recording.keys, files, recording.position, place=place_all, remove=self._remove
            )
        finally:
            draft.discard()
        if admitted:
            for host, megabytes in ((address.host, settings.EDGE_HOST_MB), (None, settings.EDGE_TOTAL_MB)):
                self.index.make_room(host, megabytes * _MEGABYTE, self.files.used_at, remove=self._remove)
        return admitted

    # ---- taking away

    def touch(self, touches: Iterable[Touch]) -> Touched:
        """Note changes: copies that show what is gone are off the disk when this returns, others wait to be replaced."""
        told = list(touches)
        touched = self.index.touch(told, remove=self._remove)
        if any(touch.gone for touch in told):
            # Behind the index's lock: a slow disk holds up nobody but who withdraws.
            self._sync(touched.dropped, touched.unused)
        return touched

    def _sync(self, dropped: Sequence[Entry], unused: Sequence[str]) -> None:
        sync_folders(self.root, self.files.folders_of(dropped) | self.uploads.folders_of(unused))

    def take_off(self, touches: Iterable[Touch]) -> None:
        """Take what is gone off the disk where the index cannot be written; renders under way are not refused."""
        self._sync(*self.index.take_off(touches, remove=self._remove))

    def forget(self, entries: Iterable[Entry]) -> None:
        """Remove copies."""
        self.index.forget(entries, remove=self._remove)

    def purge(self, *, site: str | None = None, host: str = "", path: str = "") -> int:
        """Remove the copies of a page, of a site (its schema), or all; return how many. Renders under way are refused."""
        if host:
            return len(self.touch([Touch(keys.address(host, path), gone=True)]).dropped)
        self.index.note([Touch(keys.record(site) if site else keys.ALL)])
        entries = self.index.entries_of(site)
        self.index.forget(entries, remove=self._remove)
        return len(entries)

    def check_disk(self) -> tuple[int, int]:
        """Bring files and index together: return how many files without a row and rows without a whole copy went.

        Run when the server starts: a crash may have lost the last rows, or left a copy half on the disk. Others write
        meanwhile: what seems wrong is looked at once more while none of them can, and only then removed.
        """
        suspects = [entry for entry in self.index.standing() if self._is_broken(entry)]
        broken = self.index.forget_broken(suspects, self._is_broken, remove=self._remove) if suspects else []
        strays, unused = self.unknown_files()
        if not strays and not unused:
            return 0, len(broken)

        def remove(entries: list[Entry], used: set[str]) -> int:
            placed = {self.files.path_of(entry) for entry in entries}
            gone = [path for path in strays if path.exists() and self._is_stray(path, placed)]
            for path in gone:
                path.unlink(missing_ok=True)
            links = [name for name in unused - used if self.uploads.has(name)]
            self.uploads.remove(links)
            return len(gone) + len(links)

        return self.index.sweep(map(self.files.host_of, strays), unused, remove), len(broken)

    def _is_broken(self, entry: Entry) -> bool:
        return self.files.size_of(entry) != entry.size

    def unknown_files(self) -> tuple[list[Path], set[str]]:
        """Return the files of pages, and the pictures and attachments, that no change would find."""
        strays = list(self.files.walk(self._generations()))
        unused = set(self.uploads.walk())
        # Read after the files, since a copy has its row before it has its file; what went meanwhile is none.
        known = {self.files.path_of(entry) for entry in self.index.entries_of()}
        links = {name for name in unused - self.index.used_files() if self.uploads.has(name)}
        return [path for path in strays if self._is_stray(path, known) and path.exists()], links

    def _generations(self) -> list[str]:
        names = (generation.linked(self.root, link) for link in (generation.CURRENT, generation.PREVIOUS))
        return [name for name in dict.fromkeys(names) if name]

    def _is_stray(self, path: Path, known: set[Path]) -> bool:
        if is_draft(path):
            with suppress(FileNotFoundError):
                return time.time() - path.stat().st_mtime > 60  # a writer needs milliseconds
            return False
        return plain_of(path) not in known

    def _remove(self, entries: Sequence[Entry], files: Sequence[str]) -> None:
        self.files.remove(entries)
        self.uploads.remove(files)


@cache
def _store_at(root: Path, process: int) -> Store:
    return Store(root, generation.product_generation(), generation.LOADED_AT)


def page_store() -> Store:
    """Return the store of this server."""
    return _store_at(Path(settings.EDGE_ROOT), os.getpid())
