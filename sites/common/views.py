"""Views of a site beside its page tree. Named by sites.common.urls."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail import views as wagtail_views
from wagtail.models import Site

from cluster.context import current_site
from cluster.edge import keys, recording
from cluster.postgresql import connection
from cluster.subsites.models import SiteState
from sites.common.navigation import column_tree
from sites.common.routing import find_page, restricted_paths
from sites.common.sitemaps import sitemap_document


def serve_page(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a page of the tree: found our way, then handed to Wagtail with all its hooks."""
    found = find_page(request, path)
    request._wagtail_route_for_request = found  # type: ignore[attr-defined]
    # What is not for everybody is stored for nobody.
    if found is not None and not found.page.path.startswith(restricted_paths(request) or "-"):
        page = found.page
        recording.uses(keys.page(connection.schema_name, page.pk))
        recording.storable(page.stored_params, kind=page.stored_kind)
    response: HttpResponseBase = wagtail_views.serve(request, path)
    return response


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """Show all columns of the site (网站地图)."""
    recording.storable(kind="column")
    return render(request, "columns/site_map.html", {"tree": column_tree(request)})


@require_safe
def sitemap_xml(request: HttpRequest) -> HttpResponse:
    """List the addresses of this site for search engines."""
    site, wagtail_site = current_site(), Site.find_for_request(request)
    part = request.GET.get("p", "")
    recording.storable(["p"], kind="map", media_class="xml")
    number = int(part) if part.isascii() and part.isdigit() and len(part) < 6 else None
    hidden = restricted_paths(request)
    document = sitemap_document(site, wagtail_site, hidden, number) if site and wagtail_site else None
    if document is None:
        raise Http404
    return HttpResponse(document, content_type="application/xml; charset=utf-8")


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Tell crawlers what to leave alone; everything, while the site is on trial."""
    site = current_site()
    if site is None:
        raise Http404
    recording.storable(kind="feed", media_class="txt")
    closed = "/" if site.state == SiteState.TRIAL else "/admin/\nDisallow: /search/\nDisallow: /api/\nDisallow: /view/"
    lines = f"User-agent: *\nDisallow: {closed}\nSitemap: {site.root_url}/sitemap.xml\n"
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


@require_safe
def down(request: HttpRequest) -> HttpResponse:
    """Say what still works while the rest does not; stored, and shown with status 503 when that is so (cluster.edge.down)."""
    # As the home page: read by nobody in good days, it must not be the first to go where room lacks.
    recording.storable(kind="home")
    return render(request, "states/down.html")
