"""What routing found out about a request, kept for breadcrumb and tags.

Written by the home page's route; read by page contexts. A preview is not routed: there the tree is asked.
"""

from collections.abc import Sequence

from django.http import HttpRequest
from wagtail.models import Page, Site

_CHAIN = "_page_chain"


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
