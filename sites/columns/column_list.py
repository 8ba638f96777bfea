"""What a column page shows: one page of items or an overview of its sub-columns, and where to go on.

Called by ColumnPage; reads sites.common.listing, or the cluster's registry for columns fed by lower sites.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page as PageOfItems
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest

from sites.columns.breadcrumb import Link, place_of
from sites.columns.cluster_news import ClusterNews
from sites.columns.panel import Panel
from sites.common.listing import ItemsBelow, ListedItem
from sites.common.navigation import SiteColumn, site_columns
from sites.common.newest import newest_items
from sites.common.routing import restricted_paths, root_url_path
from sites.common.showing import shows_list

if TYPE_CHECKING:
    from sites.columns.models import ColumnPage

PER_PAGE = 20
OVERVIEW_ITEMS = 6


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a column; `numbers` are the pages to go to, with "…" for those left out."""

    items: list[ListedItem]
    page: PageOfItems[Any]
    numbers: list[int | str]


@dataclass(frozen=True, slots=True)
class Family:
    """A column and those below it, as the menu beside the list shows them."""

    head: Link
    links: list[Link]


def column_context(column: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Gather the list or, where only the sub-columns have items, an overview of these; and the breadcrumb."""
    place = place_of(column, request)
    below = site_columns(request).below(column.path)
    listing = list_column(column, request)
    # A feed of other sites has no items of its own either, so that it would look empty.
    is_overview = len(below) > 1 and listing.page.number == 1 and bool(listing.items) and not column.has_own_items()
    return {
        "column": column,
        "url": place.url,
        "breadcrumb": place.links,
        "listing": listing,
        "family": family(column, request),
        "overview": overview(below, request) if is_overview else [],
    }


def family(column: "ColumnPage", request: HttpRequest) -> Family | None:
    """Return the columns to go on to: those below, else those beside; None for a top column that stands alone."""
    columns = site_columns(request)
    head = columns.by_path.get(column.path)
    if head and not columns.below(head.path):
        head = columns.by_path.get(column.path[: -column.steplen])
    if head is None:
        return None
    return Family(_link(head, column), [_link(other, column) for other in columns.below(head.path)])


def overview(columns: list[SiteColumn], request: HttpRequest) -> list[Panel]:
    """Return the newest items of each of these columns that has any."""
    own = [column for column in columns if not column.fed_by]
    limits = {column.path: OVERVIEW_ITEMS for column in own}
    sizes = site_columns(request).sizes(limits)
    found = newest_items(limits, sizes, root_url_path(request), restricted_paths(request))
    for path, items in found.items():
        shows_list(request, path, items, OVERVIEW_ITEMS)
    panels = [Panel("dated", column.title, column.url, column, items=found[column.path]) for column in own]
    return [panel for panel in panels if panel.items]


def list_column(column: "ColumnPage", request: HttpRequest) -> Listing:
    """Return the asked page of the column. Raises Http404 for a page beyond the last."""
    paginator: Paginator[ListedItem] = Paginator(column_items(column, request), PER_PAGE)  # type: ignore[arg-type]
    number = _asked_number(request)
    if number > paginator.num_pages:
        raise Http404(f"本栏目只有 {paginator.num_pages} 页。")
    page = paginator.page(number)
    items = list(page.object_list)
    if not column.fed_by:
        shows_list(request, column.path, items)
    elided = paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)
    return Listing(items, page, [entry if isinstance(entry, int) else "…" for entry in elided])


def column_items(column: "ColumnPage", request: HttpRequest) -> "ItemsBelow | ClusterNews":
    """Return the column's items, newest first, to be sliced and counted: its own, or those of the sites that feed it."""
    if column.fed_by:
        return ClusterNews(column.fed_by, request)
    return ItemsBelow(column.path, root_url_path(request), restricted_paths(request))


def _link(other: SiteColumn, here: "ColumnPage") -> Link:
    return Link(other.title, other.url, is_here=other.path == here.path)


def _asked_number(request: HttpRequest) -> int:
    """Read ?page=; anything that is not a number from 1 up means the first page."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
