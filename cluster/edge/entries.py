"""What the index keeps of a stored page, and what it is told of changes: plain values.

Made by cluster.edge.store and the feed, kept by cluster.edge.index, read by cluster.edge.files.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

# Kinds in the order in which waiting copies are replaced. From `map` on they are dropped instead and made again when
# somebody asks: whole files of addresses, and the second and later pages of lists, of which one publication touches all.
# `home` is what every host must have, the words for a breakdown too: it stays where room lacks.
KINDS = ("home", "column", "item", "feed", "map", "deep")
DROPPED_FROM = KINDS.index("map")
# Who comes to the site comes here: an old copy that says nothing untrue of what is gone is better than none.
STAYING = frozenset({"home", "column"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a citizen finds a page: host, path, the allowed parameters as one text ("" or "page=2"), variant."""

    host: str
    path: str
    query: str
    variant: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored page. `site` is the schema; `size` counts all its files; moments are seconds since 1970."""

    address: Address
    generation: str
    site: str
    kind: str
    media_class: str
    size: int
    stored_at: float
    holds_until: float | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Touch:
    """A change: its key, the moment that the changed item is dated, and whether the thing is gone from the public."""

    key: str
    at: datetime | None = None
    gone: bool = False


@dataclass(slots=True)
class Touched:
    """What changes meant for the store: copies to replace, copies dropped, files that no copy uses any more."""

    position: int
    replace: list[Entry] = field(default_factory=list)
    dropped: list[Entry] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one host has in the store."""

    entries: int
    bytes: int


def merged(touches: Iterable[Touch]) -> list[Touch]:
    """Return one touch for each key: the latest date, for what reaches the old reaches the new; undated beats dated."""
    by_key: dict[str, Touch] = {}
    for touch in touches:
        before = by_key.get(touch.key)
        if before:
            undated = before.at is None or touch.at is None
            at = None if undated else max(before.at, touch.at)  # type: ignore[type-var]
            touch = Touch(touch.key, at, before.gone or touch.gone)
        by_key[touch.key] = touch
    return list(by_key.values())
