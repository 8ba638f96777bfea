"""What is read once for a request and asked for many times: the way to the page, the site's columns, what is hidden.

Written by the home page's route; read by page contexts. A preview is not routed: there the tree is asked.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction, Site

T = TypeVar("T")
_CHAIN = "_page_chain"


def once(request: HttpRequest, name: str, read: Callable[[], T]) -> T:
    """Return what `read` gives, asking it once for each request."""
    if not hasattr(request, name):
        setattr(request, name, read())
    found: T = getattr(request, name)
    return found


def remember_chain(request: HttpRequest, chain: Sequence[Page]) -> None:
    """Keep the pages from the first column down to the page asked for."""
    setattr(request, _CHAIN, list(chain))


def chain_above(request: HttpRequest, page: Page) -> list[Page]:
    """Return the pages between the home page and this one, from above."""
    chain: list[Page] = getattr(request, _CHAIN, [])
    if chain and chain[-1].pk == page.pk:
        return chain[:-1]
    return list(page.get_ancestors().filter(depth__gt=2))


def root_url_path(request: HttpRequest) -> str:
    """Return the tree path of the home page, which addresses in the site do not show."""
    site = Site.find_for_request(request)
    return str(site.root_page.url_path) if site else "/"


def restricted_paths(request: HttpRequest) -> tuple[str, ...]:
    """Return the tree paths that are not for everybody."""
    return once(request, "_restricted_paths", _restricted_paths)


def _restricted_paths() -> tuple[str, ...]:
    return tuple(PageViewRestriction.objects.values_list("page__path", flat=True))
