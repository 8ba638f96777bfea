"""Where a page stands: its address, the columns above it as links, and the nearest of them.

Called by the contexts of columns and items; the tags of the page head need the column, the breadcrumb the links.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from wagtail.models import Page

from sites.common.listing import site_path
from sites.common.navigation import SiteColumn, site_columns
from sites.common.routing import chain_above, root_url_path


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
    column: SiteColumn | None


def place_of(page: Page, request: HttpRequest) -> Place:
    """Return where a page stands."""
    root = root_url_path(request)
    links = [Link(above.title, site_path(above.url_path, root)) for above in chain_above(request, page)]
    return Place(site_path(page.url_path, root), links, site_columns(request).nearest(page.path))
