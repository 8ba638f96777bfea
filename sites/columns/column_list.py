"""What a column page shows: sub-columns, one page of items, and the way through the pages.

Called by ColumnPage; reads sites.common.listing, or the cluster's registry for columns fed by lower sites.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page as PageOfItems
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest

from cluster.context import current_site
from sites.columns.breadcrumb import Link, links_above
from sites.columns.cluster_news import ClusterNews
from sites.columns.panel import Panel
from sites.common.listing import ListedItem, item_of, items_below, newest_items, restricted_paths, site_path
from sites.common.routing import root_url_path

if TYPE_CHECKING:
    from sites.columns.models import ColumnPage

PER_PAGE = 20
OVERVIEW_ITEMS = 6


@dataclass(slots=True)
class Listing:
    """One page of a column."""

    items: list[ListedItem]
    page: PageOfItems[Any]
    numbers: list[int | str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Family:
    """A column and those below it, as the menu beside the list shows them."""

    head: Link
    links: list[Link]


def column_context(column: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Gather the list or, where only the sub-columns have items, an overview of these; and the breadcrumb."""
    root = root_url_path(request)
    below = list(column.shown_subcolumns())
    listing = list_column(column, request)
    is_overview = len(below) > 1 and bool(listing.items) and not column.has_own_items()
    return {
        "column": column,
        "url": site_path(column.url_path, root),
        "listing": listing,
        "family": family(column, below, root),
        "overview": overview(below, request) if is_overview and listing.page.number == 1 else [],
        "breadcrumb": links_above(column, request),
    }


def family(column: "ColumnPage", below: "list[ColumnPage]", root: str) -> Family | None:
    """Return the columns to go on to: those below, else those beside; None for a top column that stands alone."""
    parent = column if below else column.parent_column()
    if parent is None:
        return None
    shown = below or list(parent.shown_subcolumns())
    links = [Link(page.title, site_path(page.url_path, root), is_here=page.pk == column.pk) for page in shown]
    return Family(Link(parent.title, site_path(parent.url_path, root), is_here=parent.pk == column.pk), links)


def overview(columns: "list[ColumnPage]", request: HttpRequest) -> list[Panel]:
    """Return the newest items of each of these columns that has any."""
    root = root_url_path(request)
    found = newest_items({column.path: OVERVIEW_ITEMS for column in columns}, root, restricted_paths())
    panels = [
        Panel("dated", column.title, site_path(column.url_path, root), column, items=found[column.path])
        for column in columns
    ]
    return [panel for panel in panels if panel.items]


def list_column(column: "ColumnPage", request: HttpRequest) -> Listing:
    """Return the asked page of the column. Raises Http404 for a page beyond the last."""
    rows = column_rows(column)
    paginator = Paginator(rows, PER_PAGE)
    number = _asked_number(request)
    if number > paginator.num_pages:
        raise Http404(f"本栏目只有 {paginator.num_pages} 页。")
    page = paginator.page(number)
    root = root_url_path(request)
    items = [row if isinstance(row, ListedItem) else item_of(row, root) for row in page.object_list]
    elided = list(paginator.get_elided_page_range(number, on_each_side=2, on_ends=1))
    return Listing(items, page, [int(entry) if isinstance(entry, int) else "…" for entry in elided])


def column_rows(column: "ColumnPage") -> Any:
    """Return the column's items, newest first, to be sliced and counted: its own, or those of the sites that feed it."""
    if column.fed_by:
        return ClusterNews(column.fed_by, current_site())
    return items_below(column.path, restricted_paths())


def _asked_number(request: HttpRequest) -> int:
    """Read ?page=; anything that is not a number from 1 up means the first page."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
