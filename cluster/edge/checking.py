"""Compare stored pages with what they would be now, byte for byte; a difference is an error of ours.

Called by the command edge_check, by the bench and by tests.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cluster.edge.entries import Entry
from cluster.edge.recording import Recording
from cluster.edge.rendering import look
from cluster.edge.store import Store

_FOUND = 200
_TRIES = 3


class Fault(StrEnum):
    """What is wrong with a copy."""

    STALE = "内容已过时"
    GONE = "页面已不存在或不再公开"
    MISSING = "登记在册而文件不在"


@dataclass(frozen=True, slots=True)
class Difference:
    """A copy that is not what a citizen would get now, and what may have been missed."""

    entry: Entry
    fault: Fault
    status: int
    # Keys that the page uses now and the copy did not name.
    missing_keys: tuple[str, ...] = ()
    excerpt: str = ""


def differences(store: Store, entries: Iterable[Entry]) -> Iterator[Difference | None]:
    """Yield for each copy what is wrong with it, or None."""
    for entry in entries:
        yield _difference(store, entry)


def entries_to_check(store: Store, site: str | None = None) -> list[Entry]:
    """Return the copies of the generation in use."""
    return [entry for entry in store.index.entries_of(site) if entry.generation == store.generation]


def _difference(store: Store, entry: Entry) -> Difference | None:
    """Compare; a copy that waits for another, or was replaced while the page was rendered, is no difference."""
    found = None
    for _ in range(_TRIES):
        found = _compare(store, entry) if store.index.holds(entry) else None
        if found is None:
            return None
    return found if store.index.holds(entry) else None


def _compare(store: Store, entry: Entry) -> Difference | None:
    response, noted = look(entry.address)
    if noted is None or response.status_code != _FOUND:
        return Difference(entry, Fault.GONE, response.status_code)
    try:
        stored = store.files.path_of(entry).read_bytes()
    except FileNotFoundError:
        return Difference(entry, Fault.MISSING, _FOUND)
    if stored == response.content:
        return None
    return Difference(entry, Fault.STALE, _FOUND, missing_keys(store, entry, noted), excerpt(stored, response.content))


def missing_keys(store: Store, entry: Entry, noted: Recording) -> tuple[str, ...]:
    """Return what the page uses now and the copy does not name."""
    return tuple(sorted(set(noted.keys) - store.index.uses(entry)))


def excerpt(stored: bytes, now: bytes, width: int = 80) -> str:
    """Return the first place in which two pages differ."""
    before, after = stored.decode("utf-8", "replace"), now.decode("utf-8", "replace")
    at = next(
        (place for place, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, at - width // 4)
    return f"存储：{before[start : start + width]!r}　现在：{after[start : start + width]!r}"
