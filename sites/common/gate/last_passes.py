"""The newest pass of each live page: how it was when it was last judged, and where it stood.

Read by `examining` (may it stay where it stands), by `pending` (what a moved column takes along) and by `rechecking`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sites.common.models import OF_LIVE_PAGES, GatePass


@dataclass(frozen=True, slots=True)
class LastPass:
    """What the newest pass of a live page says."""

    digest: str
    column_code: str
    item_type: str
    placed_under: int | None
    version: int
    by_owner: bool
    at: datetime

    def stands_at(self, placed_under: int | None, item_type: str) -> bool:
        """Whether it passed as this kind, in this column."""
        return placed_under is not None and (self.placed_under, self.item_type) == (placed_under, item_type)


def last_passes(page_ids: Iterable[int], *, owners: bool = False) -> dict[int, LastPass]:
    """Return page id → its newest pass as a live page; with `owners`, the newest that no web process could have forged."""
    names = ("content_hash", "column_code", "item_type", "placed_under", "template_version", "by_owner", "at")
    passes = GatePass.objects.filter(page_id__in=list(page_ids), purpose__in=OF_LIVE_PAGES)
    if owners:
        passes = passes.filter(by_owner=True)
    rows = passes.order_by("page_id", "-id").distinct("page_id").values_list("page_id", *names)
    return {page_id: LastPass(*values) for page_id, *values in rows}
