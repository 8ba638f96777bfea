"""From an address to its page, and what else is read once for a request: its way, the site's root, what is hidden.

`find_page` is called by the page view; everything else by page contexts. A preview is not routed: there the tree is asked.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.http import Http404, HttpRequest
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from cluster.postgresql.reading import Part, first_row

T = TypeVar("T")
_CHAIN, _RESTRICTED = "_page_chain", "_restricted_paths"


class Waypoint(NamedTuple):
    """A page along an address: what a breadcrumb and the way to the page itself need of it."""

    pk: int
    title: str
    url_path: str
    app_label: str
    model: str


# The slugs are there for their index: url_path has none.
_CHAIN_STATEMENT = """SELECT p.id, p.title, p.url_path, t.app_label, t.model FROM wagtailcore_page p
    JOIN django_content_type t ON t.id = p.content_type_id WHERE p.slug = ANY(%s) AND p.url_path = ANY(%s)"""


def find_page(request: HttpRequest, path: str) -> RouteResult | None:
    """Find the page for an address with one query for all its parts, where Wagtail asks three for each."""
    site, has_restrictions = _site()
    request._wagtail_site = site  # type: ignore[attr-defined]  # where Site.find_for_request looks first
    if not has_restrictions:
        once(request, _RESTRICTED, tuple)
    if site is None:
        return None
    slugs = [slug for slug in path.split("/") if slug]
    chain = _chain(site.root_page, slugs)
    if len(chain) < min(1, len(slugs)):
        return None
    remember_chain(request, chain)
    kind = site.root_page.content_type
    last = chain[-1] if chain else Waypoint(site.root_page_id, "", "", kind.app_label, kind.model)
    page = _specific(last.pk, last.app_label, last.model)
    # Wagtail asks every page for restrictions on all its ancestors; most sites have none at all.
    page.site_is_unrestricted = not restricted_paths(request)
    try:
        found: RouteResult = page.route(request, slugs[len(chain) :])
    except Http404:
        return None
    return found


@cache
def _site_reading() -> tuple[str, Part[Site], Part[Page], Part[ContentType]]:
    site, page, kind = Part(Site, "s"), Part(Page, "p"), Part(ContentType, "t")
    statement = f"""SELECT {site.columns}, {page.columns}, {kind.columns},
            EXISTS (SELECT FROM wagtailcore_pageviewrestriction) FROM wagtailcore_site s
        JOIN wagtailcore_page p ON p.id = s.root_page_id JOIN django_content_type t ON t.id = p.content_type_id
        WHERE s.is_default_site ORDER BY s.id LIMIT 1"""
    return statement, site, page, kind


def _site() -> tuple[Site | None, bool]:
    """Return Wagtail's row of the site with its home page and that page's type, and whether any page is restricted."""
    statement, site_part, page_part, kind_part = _site_reading()
    row = first_row(statement, [])
    if row is None:
        return None, True
    site, page = site_part.instance(row), page_part.instance(row, site_part.size)
    if site is not None and page is not None:
        page.content_type = kind_part.instance(row, site_part.size + page_part.size)
        site.root_page = page
    return site, bool(row[-1])


def _chain(root: Page, slugs: list[str]) -> list[Waypoint]:
    """Return the pages along the address as far as there are any."""
    if not slugs:
        return []
    paths, below = [], root.url_path
    for slug in slugs:
        below += f"{slug}/"
        paths.append(below)
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN_STATEMENT, [slugs, paths])
        pages = {page.url_path: page for page in map(Waypoint._make, cursor.fetchall())}
    chain = []
    for url_path in paths:
        if url_path not in pages:
            break
        chain.append(pages[url_path])
    return chain


@cache
def _page_reading(model: type[Page]) -> tuple[str, Part[Page]]:
    own = model._meta.db_table
    part = Part(model, own)
    joined = f'"{own}" JOIN wagtailcore_page ON wagtailcore_page.id = "{own}".page_ptr_id' if model is not Page else own
    return f"SELECT {part.columns} FROM {joined} WHERE wagtailcore_page.id = %s", part


def _specific(pk: int, app_label: str, model_name: str) -> Page:
    model: Any = apps.get_model(app_label, model_name)
    statement, part = _page_reading(model)
    row = first_row(statement, [pk])
    found = part.instance(row) if row else None
    if found is None:
        raise Http404
    return found


def once(request: HttpRequest, name: str, read: Callable[[], T]) -> T:
    """Return what `read` gives, asking it once for each request."""
    if not hasattr(request, name):
        setattr(request, name, read())
    found: T = getattr(request, name)
    return found


def remember_chain(request: HttpRequest, chain: Sequence[Waypoint]) -> None:
    """Keep the pages from the first column down to the page asked for."""
    setattr(request, _CHAIN, list(chain))


def chain_above(request: HttpRequest, page: Page) -> Sequence[Page | Waypoint]:
    """Return the pages between the home page and this one, from above."""
    chain: list[Waypoint] = getattr(request, _CHAIN, [])
    if chain and chain[-1].pk == page.pk:
        return chain[:-1]
    return list(page.get_ancestors().filter(depth__gt=2))


def root_url_path(request: HttpRequest) -> str:
    """Return the tree path of the home page, which addresses in the site do not show."""
    site = Site.find_for_request(request)
    return str(site.root_page.url_path) if site else "/"


def restricted_paths(request: HttpRequest) -> tuple[str, ...]:
    """Return the tree paths that are not for everybody."""
    return once(request, _RESTRICTED, _restricted_paths)


def _restricted_paths() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.path FROM wagtailcore_pageviewrestriction r JOIN wagtailcore_page p ON p.id = r.page_id"
        )
        paths = tuple(path for (path,) in cursor.fetchall())
    if not paths:
        return ()
    # A mirror is as restricted as its original, wherever it stands.
    mirrors = Page.objects.filter(alias_of__isnull=False).values_list("path", "alias_of__path")
    return paths + tuple(path for path, original in mirrors if original.startswith(paths))
