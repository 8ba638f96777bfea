"""Compare stored pages with what they would be now, byte for byte; a difference is an error of ours.

Called by the command edge_check, by the bench and by tests.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from cluster.edge.entries import Entry
from cluster.edge.models import EdgeEvent
from cluster.edge.recording import Recording
from cluster.edge.rendering import look
from cluster.edge.store import Store
from cluster.subsites.models import SiteState, Subsite

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
    # The store knows that the copy is to be replaced, and nobody has done it.
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """What this server has still to do: changes that it was not told, and copies that wait for another."""

    untold: int
    waiting: int

    def __bool__(self) -> bool:
        return bool(self.untold or self.waiting)


def settled(store: Store, seconds: float) -> Backlog:
    """Wait so long at most until this server has heard everything and replaced what it reached; return what is left."""
    until = time.monotonic() + seconds
    while backlog := _backlog(store):
        if time.monotonic() >= until:
            break
        time.sleep(0.1)
    return backlog


def _backlog(store: Store) -> Backlog:
    untold = EdgeEvent.objects.filter(server=settings.EDGE_SERVER).count()
    waiting = (*store.index.stale_entries(limit=1_000_000), *store.index.due(limit=1_000_000))
    return Backlog(untold, len({entry.id for entry in waiting}))


def differences(
    store: Store, entries: Iterable[Entry], wait: Callable[[], object] = lambda: None
) -> Iterator[Difference | None]:
    """Yield for each copy what is wrong with it, or None.

    Those that seem wrong come last, after `wait`: what changed while the others were looked at may be on its way.
    """
    public, suspects = _public_schemas(), []
    for entry in entries:
        if _difference(store, entry, public):
            suspects.append(entry)
        else:
            yield None
    if suspects:
        wait()
    public = _public_schemas()
    for entry in suspects:
        yield _difference(store, entry, public)


def entries_to_check(store: Store, site: str | None = None) -> list[Entry]:
    """Return the copies of a site (its schema) or of all, whatever became of it; those of the last generation, too."""
    return store.index.entries_of(site)


def _public_schemas() -> set[str]:
    return set(Subsite.objects.filter(state=SiteState.OPEN).values_list("schema_name", flat=True))


def _difference(store: Store, entry: Entry, public: set[str]) -> Difference | None:
    """Compare; a copy that was replaced or removed while the page was rendered is no difference."""
    found = None
    for _ in range(_TRIES):
        found = _compare(store, entry, public) if store.index.is_in_place(entry) else None
        if found is None:
            return None
    return found if store.index.is_in_place(entry) else None


def _compare(store: Store, entry: Entry, public: set[str]) -> Difference | None:
    response, noted = look(entry.address)
    is_known = not store.index.holds(entry)
    if response.status_code != _FOUND or entry.site not in public:
        return Difference(entry, Fault.GONE, response.status_code, is_known=is_known)
    if entry.generation != store.generation:
        # Made by other code: only that it may still be shown is asked.
        return None
    if noted is None:
        return Difference(entry, Fault.GONE, response.status_code, is_known=is_known)
    try:
        wrong = [text for text in store.files.texts_of(entry) if text != response.content]
    except FileNotFoundError:
        return Difference(entry, Fault.MISSING, _FOUND)
    if not wrong:
        return None
    missing, where = missing_keys(store, entry, noted), excerpt(wrong[0], response.content)
    return Difference(entry, Fault.STALE, _FOUND, missing, where, is_known)


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
