"""An index without a database or files: what the tests of this folder put in and take out."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cluster.edge.entries import Address, Entry, Touch
from cluster.edge.index import Index

A, B = "site_alpha", "site_beta"
OLD, NEW, NEWER = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2024, 2025))


class Shelf:
    """An index with a row of paths in place of files."""

    def __init__(self, path: Path) -> None:
        self.index = Index(path, "g1")
        self.placed: list[str] = []
        self.removed: list[str] = []
        self.unlinked: list[str] = []

    def remove(self, entries: Sequence[Entry], files: Sequence[str]) -> None:
        self.removed += [entry.address.path for entry in entries]
        self.unlinked += files

    def put(
        self,
        path: str,
        *used: str,
        site: str = A,
        kind: str = "item",
        bounds: Mapping[str, float] | None = None,
        position: int | None = None,
        place: Callable[[int], None] = lambda second: None,
        **more: object,
    ) -> bool:
        files = more.pop("files", ())
        host = f"{site}.localhost"
        address = Address(host, path, str(more.pop("query", "")), str(more.pop("variant", "n")))
        facts = {"size": 10, "stored_at": time.time(), "media_class": "html", "generation": "g1", **more}
        entry = Entry(address=address, site=site, kind=kind, **facts)
        needed = {**dict.fromkeys(used), **(bounds or {})}
        at = self.index.position() if position is None else position
        return self.index.admit(entry, needed, files, at, place=place, remove=self.remove)

    def touch(self, *touches: Touch):
        return self.index.touch(touches, remove=self.remove)

    def paths(self, site: str | None = None) -> list[str]:
        return [entry.address.path for entry in self.index.entries_of(site)]


def paths_of(entries: Sequence[Entry]) -> list[str]:
    """Return the paths of copies."""
    return [entry.address.path for entry in entries]
