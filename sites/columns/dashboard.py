"""The table of columns on the admin's front page: what each holds, when it last moved, and the way to a new article.

Put there by the admin hooks; reads the page tree with two queries, however many columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.db.models.functions import Length, Substr
from wagtail.admin.ui.components import Component

from sites.columns.models import ColumnPage
from sites.columns.taking import kinds_taken
from sites.common.listing import listed_models


@dataclass(frozen=True, slots=True)
class ColumnState:
    """One column and what stands directly in it."""

    column: ColumnPage
    level: int
    items: int
    last_at: datetime | None
    takes_items: bool
    # Whether there is more than one kind of items to choose from.
    takes_several: bool


def column_states() -> list[ColumnState]:
    """Return the columns of the site in the order of its tree."""
    counted: dict[str, tuple[int, datetime | None]] = {}
    for model in listed_models():
        above = Substr("path", 1, Length("path") - model.steplen)
        rows = model._default_manager.filter(live=True).annotate(above=above).values("above")
        for row in rows.annotate(items=Count("pk"), last_at=Max("published_at")).order_by():
            items, last_at = counted.get(row["above"], (0, None))
            times = [time for time in (last_at, row["last_at"]) if time]
            counted[row["above"]] = (items + row["items"], max(times, default=None))
    columns = ColumnPage.objects.defer_streamfields().order_by("path")
    return [
        ColumnState(
            column,
            column.depth - 3,
            *counted.get(column.path, (0, None)),
            takes_items=not column.fed_by,
            takes_several=len(kinds_taken(column)) > 1,
        )
        for column in columns
    ]


class ColumnsPanel(Component):
    """Draw the table."""

    name = "columns"
    template_name = "columns/dashboard.html"
    # After what waits for this person's review (Wagtail's panels, 210 and 220), which must be seen without scrolling.
    order = 250

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the columns, and whether this account may write in them."""
        request = parent_context["request"] if parent_context else None
        home_permissions = bool(request) and _may_add(request)
        return {"states": column_states(), "may_add": home_permissions}


def _may_add(request: Any) -> bool:
    column = ColumnPage.objects.defer_streamfields().first()
    return column is not None and column.permissions_for_user(request.user).can_add_subpage()
