"""From an address to its page, and what else is read once for a request: its way, the site's root, what is hidden.

`find_page` is called by the page view; everything else by page contexts. A preview is not routed: there the tree is asked.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.apps import apps
from django.http import Http404, HttpRequest
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.url_routing import RouteResult

T = TypeVar("T")
_CHAIN = "_page_chain"
# What a breadcrumb and the way to the page itself need; the other thirty columns of a page are left where they are.
_CHAIN_FIELDS = ("title", "slug", "url_path", "path", "depth", "content_type__app_label", "content_type__model")


def find_page(request: HttpRequest, path: str) -> RouteResult | None:
    """Find the page for an address with one query for all its parts, where Wagtail asks three for each."""
    site = Site.objects.select_related("root_page__content_type").filter(is_default_site=True).first()
    request._wagtail_site = site  # type: ignore[attr-defined]  # where Site.find_for_request looks first
    if site is None:
        return None
    slugs = [slug for slug in path.split("/") if slug]
    chain = _chain(site.root_page, slugs)
    if len(chain) < min(1, len(slugs)):
        return None
    remember_chain(request, chain)
    page = _specific(chain[-1] if chain else site.root_page)
    # Wagtail asks every page for restrictions on all its ancestors; most sites have none at all.
    page.site_is_unrestricted = not restricted_paths(request)
    try:
        found: RouteResult = page.route(request, slugs[len(chain) :])
    except Http404:
        return None
    return found


def _chain(root: Page, slugs: list[str]) -> list[Page]:
    """Return the pages along the address as far as there are any."""
    if not slugs:
        return []
    paths, below = [], root.url_path
    for slug in slugs:
        below += f"{slug}/"
        paths.append(below)
    # The slugs are there for their index: url_path has none.
    found = Page.objects.filter(slug__in=slugs, url_path__in=paths).select_related("content_type").only(*_CHAIN_FIELDS)
    pages = {page.url_path: page for page in found}
    chain = []
    for url_path in paths:
        if url_path not in pages:
            break
        chain.append(pages[url_path])
    return chain


def _specific(page: Page) -> Page:
    content_type = page.content_type
    found: Page = apps.get_model(content_type.app_label, content_type.model)._default_manager.get(pk=page.pk)
    return found


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
    paths = tuple(PageViewRestriction.objects.values_list("page__path", flat=True))
    if not paths:
        return ()
    # A mirror is as restricted as its original, wherever it stands.
    mirrors = Page.objects.filter(alias_of__isnull=False).values_list("path", "alias_of__path")
    return paths + tuple(path for path, original in mirrors if original.startswith(paths))
