"""What the forms ask before they offer a kind of item or a place: does this column take it.

Asked by the item pages of sites.content. The publish gate judges the same on every road (sites.common.gate.examining), by the
same rule (cluster.column_templates.placing).
"""

from wagtail.models import Page

from cluster.column_templates.current import current_law
from cluster.column_templates.placing import Place, refusal_of_kind
from cluster.context import current_site
from sites.columns.models import ColumnPage


def place_of_column(column: Page) -> Place:
    """Return the column of the current site as a place for items; what is no column of the law takes all."""
    site = current_site()
    known = column if hasattr(column, "code") else ColumnPage.objects.filter(pk=column.pk).defer_streamfields().first()
    if site is None or known is None:
        return Place(column.title)
    return Place(column.title, current_law().of(site.kind).column(known.code), bool(known.fed_by))


def kinds_taken(column: Page) -> tuple[str, ...]:
    """Return the kinds of items that the column takes."""
    return place_of_column(column).kinds


def takes(column: Page, item_type: str) -> bool:
    """Whether the column takes items of this kind."""
    return item_type in kinds_taken(column)


def refusal_of_item(column: Page, item_type: str) -> str:
    """Return why an item of this kind has no place in the column; empty where it has."""
    return refusal_of_kind(place_of_column(column), item_type)
