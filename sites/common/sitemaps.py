"""The site map for machines, as the protocol of sitemaps.org wants it: plain rows, no page objects.

Called by the view; 40,000 addresses a file, and an index of files above that.
"""

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from django.core.paginator import Paginator
from wagtail.models import Page, Site

from cluster.edge import keys, recording
from cluster.subsites.models import Subsite
from sites.common.listing import site_path

PER_FILE = 40_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_document(site: Subsite, wagtail_site: Site, hidden: tuple[str, ...], part: int | None) -> str | None:
    """Return the XML of one file, or the index when there are several files; None for a file that is not there."""
    recording.uses_all([keys.items(site.schema_name), keys.columns(site.schema_name)])
    paginator = Paginator(_rows(wagtail_site, hidden), PER_FILE)
    if part is None and paginator.num_pages > 1:
        files = (f"{site.root_url}/sitemap.xml?p={number}" for number in paginator.page_range)
        return _document("sitemapindex", "sitemap", ((url, None) for url in files))
    number = 1 if part is None else part
    if number not in paginator.page_range:
        return None
    root, rows = wagtail_site.root_page.url_path, paginator.page(number).object_list
    return _document("urlset", "url", ((site.root_url + site_path(path, root), changed) for path, changed in rows))


def _rows(wagtail_site: Site, hidden: tuple[str, ...]) -> "list[tuple[str, datetime | None]]":
    # By address: an item that only changes its place among its neighbours changes nothing here.
    pages = Page.objects.live().descendant_of(wagtail_site.root_page, inclusive=True).order_by("url_path")
    rows = pages.values_list("path", "url_path", "last_published_at")
    return [(url_path, changed) for path, url_path, changed in rows if not (hidden and path.startswith(hidden))]


def _document(outer: str, inner: str, entries: "Iterator[tuple[str, datetime | None]]") -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{outer} xmlns="{_NAMESPACE}">']
    for url, changed in entries:
        lastmod = f"<lastmod>{changed:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if changed else ""
        lines.append(f"<{inner}><loc>{escape(url)}</loc>{lastmod}</{inner}>")
    lines.append(f"</{outer}>")
    return "\n".join(lines)
