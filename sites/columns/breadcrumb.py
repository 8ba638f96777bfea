"""Where a page stands: the columns above it, as links, and the nearest of them as a row.

Called by the contexts of columns and items; the tags of the page head need the column, the breadcrumb the links.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps
from django.http import HttpRequest
from wagtail.models import Page

from sites.common.listing import site_path
from sites.common.routing import chain_above, root_url_path

if TYPE_CHECKING:
    from sites.columns.models import ColumnPage


@dataclass(frozen=True, slots=True)
class Link:
    """A name and where it leads."""

    title: str
    url: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The address of a page, the columns above it, and the nearest of them itself."""

    url: str
    links: list[Link]
    column: "ColumnPage | None"


def links_above(page: Page, request: HttpRequest) -> list[Link]:
    """Return the columns above the page as links."""
    root = root_url_path(request)
    return [Link(above.title, site_path(above.url_path, root)) for above in chain_above(request, page)]


def place_of(page: Page, request: HttpRequest) -> Place:
    """Return where an item stands."""
    above = chain_above(request, page)
    model = apps.get_model("columns", "ColumnPage")
    # The path and not the id: the nearest page above may be of another kind than a column.
    column = model.objects.filter(path__in=[other.path for other in above]).defer_streamfields().order_by("-depth").first()
    return Place(site_path(page.url_path, root_url_path(request)), links_above(page, request), column)
