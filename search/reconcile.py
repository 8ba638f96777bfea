"""Compare an index with the registry, id by id, and heal the differences. Called by `search_reconcile` and rebuild.

Both are read in the order of their ids and merged like two sorted lists, so that neither is held in memory. Every
difference is looked at again, alone, before it is healed: it may just be a change under way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import PUBLIC_STATES, SiteKind
from search.documents import digest_of
from search.engines.base import IndexEntry, SearchEngine
from search.gather import write_each, writes_for
from search.walk import FIRST

BATCH = 2000
HEAL_BATCH = 200


@dataclass
class Differences:
    """What a reconciliation found and healed, but for `refused`.

    `ahead`: stale ones whose version the registry has not reached, as after a restored backup: only a rebuild takes them back.
    """

    compared: int = 0
    missing: int = 0
    stale: int = 0
    surplus: int = 0
    refused: int = 0
    ahead: int = 0

    @property
    def total(self) -> int:
        """How many documents differed."""
        return self.missing + self.stale + self.surplus


def _expected() -> Iterator[IndexEntry]:
    """Yield what the index should hold, in order of ids; reads no texts."""
    last = FIRST
    rows = (
        Resource.objects.filter(state=ResourceState.PUBLISHED, site__state__in=PUBLIC_STATES)
        .exclude(site__kind=SiteKind.CONSOLE)
        .order_by("id")
        .values_list("id", "version", "content_hash", "attachments_digest", "site__code")
    )
    while batch := list(rows.filter(id__gt=last)[:BATCH]):
        for pk, version, content_hash, attachments, code in batch:
            yield IndexEntry(str(pk), version, digest_of(content_hash, attachments, code))
        last = batch[-1][0]


def _indexed(engine: SearchEngine) -> Iterator[IndexEntry]:
    """Yield what the index holds, in order of ids."""
    after = ""
    while batch := engine.scan(after, BATCH):
        yield from batch
        after = batch[-1].id


def reconcile(
    engine: SearchEngine,
    *,
    rewrite: bool = False,
    dry_run: bool = False,
    advance: Callable[[str, int], None] | None = None,
) -> Differences:
    """Find missing, stale and surplus documents and heal them; with `rewrite` write every document anew.

    `dry_run` only counts. Raises EngineUnavailable.
    """
    engine.refresh()
    found, waiting = Differences(), list[str]()
    indexed = _indexed(engine)
    have = next(indexed, None)
    for want in _expected():
        while have is not None and have.id < want.id:
            found.surplus += 1
            waiting.append(have.id)
            have = next(indexed, None)
        if have is None or have.id != want.id:
            found.missing += 1
            waiting.append(want.id)
        else:
            different = (have.version, have.digest) != (want.version, want.digest)
            found.stale += different
            found.ahead += have.version > want.version
            if different or rewrite:
                waiting.append(want.id)
            have = next(indexed, None)
        found.compared += 1
        if advance:
            advance("", 1)
        if len(waiting) >= HEAL_BATCH:
            found.refused += _heal(engine, waiting, dry_run=dry_run)
            waiting = []
    surplus = [entry.id for entry in ([have] if have else [])] + [entry.id for entry in indexed]
    found.surplus += len(surplus)
    found.refused += _heal(engine, waiting + surplus, dry_run=dry_run)
    engine.refresh()
    return found


def _heal(engine: SearchEngine, ids: list[str], *, dry_run: bool) -> int:
    """Write what the registry says now about each id, or forget it if it says nothing; return how many were refused."""
    if dry_run or not ids:
        return 0
    rows = list(Resource.objects.filter(pk__in=ids))
    refused = write_each(lambda some: engine.write(writes_for(some)), rows) if rows else {}
    known = {str(row.pk) for row in rows}
    engine.forget([pk for pk in ids if pk not in known])
    return len(refused)
