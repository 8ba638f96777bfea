"""From host to site: every request starts in the public schema and earns its site, or gets a plain page.

First in settings.MIDDLEWARE. The views that follow find the site in request.site_record and cluster.context.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import set_urlconf

from cluster.audit.actor import Actor, begin_acting, stop_acting
from cluster.context import in_site
from cluster.edge.down import stand_in
from cluster.postgresql import connection
from cluster.postgresql.reading import Part, first_row
from cluster.subsites.models import Region, SiteState, Subsite

logger = logging.getLogger(__name__)

# State → template and status. 503 with Retry-After says "come again", 410 "gone for good".
STATE_PAGES = {
    SiteState.PREPARING: ("states/preparing.html", 503),
    SiteState.SUSPENDED: ("states/suspended.html", 503),
    SiteState.CLOSED: ("states/closed.html", 410),
}
# What local staff need while their site is not public; a closed site lets nobody in.
STAFF_PREFIXES = ("/admin/", "/static/")
# The same, but only for those who are signed in: the address alone would show what is not public.
SIGNED_IN_PREFIXES = ("/media/", "/documents/")

GetResponse = Callable[[HttpRequest], HttpResponse]


def _plain_page(template: str, status: int, *, retry_after: int = 3600, **context: object) -> HttpResponse:
    response = HttpResponse(render_to_string(template, context), status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = str(retry_after)
    return response


def _state_page(request: HttpRequest, site: Subsite) -> HttpResponse:
    template, status = STATE_PAGES[SiteState(site.state)]
    return _plain_page(template, status, site=site)


@cache
def _reading() -> tuple[str, Part[Subsite], Part[Region], Part[Subsite]]:
    site, region, parent = Part(Subsite, "s"), Part(Region, "r"), Part(Subsite, "p")
    statement = f"""SELECT d.is_primary, pd.domain, {site.columns}, {region.columns}, {parent.columns} FROM subsites_domain d
        JOIN subsites_subsite s ON s.id = d.tenant_id LEFT JOIN subsites_region r ON r.code = s.region_id
        LEFT JOIN subsites_subsite p ON p.id = s.parent_id
        LEFT JOIN subsites_domain pd ON pd.tenant_id = p.id AND pd.is_primary WHERE d.domain = %s"""
    return statement, site, region, parent


def find_site(host: str) -> Subsite | None:
    """Return the site that answers to this host (without port), with its region and the site above it; or None."""
    statement, site_part, region_part, parent_part = _reading()
    row = first_row(statement, [host])
    site = site_part.instance(row, 2) if row else None
    if row is None or site is None:
        return None
    site.region = region_part.instance(row, 2 + site_part.size)
    site.parent = parent_part.instance(row, 2 + site_part.size + region_part.size)
    # What links ask for; spares every page a query or two.
    if row[0]:
        site._primary_host = host
    if site.parent is not None and row[1]:
        site.parent._primary_host = row[1]
    return site


def _streamed(content: Iterable[bytes], site: Subsite, urlconf: str) -> Iterator[bytes]:
    """Send a response that is made while it is sent, such as an exported list, from the site it was asked of."""
    with in_site(site):
        set_urlconf(urlconf)
        try:
            yield from content
        finally:
            set_urlconf(None)


class SiteMiddleware:
    """Enter the schema of the site whose host was asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the site of the host; 404 without a hint for unknown hosts, 400 for malformed ones."""
        connection.set_schema_to_public()
        try:
            host = request.get_host().rsplit(":", 1)[0].removesuffix(".").lower()
        except DisallowedHost:
            return _plain_page("states/unknown_host.html", 400)
        try:
            site = find_site(host)
        except (OperationalError, InterfaceError) as error:
            # The database is away: say so plainly and forget the broken connection, so that the next request tries anew.
            logger.warning("数据库没有回答：%s", error)
            connection.close()
            return stand_in(request) or _plain_page("states/unavailable.html", 503, retry_after=30)
        if site is None:
            return _plain_page("states/unknown_host.html", 404)
        request.site_record = site  # type: ignore[attr-defined]
        if not self._lets_in(request, site):
            return _state_page(request, site)
        request.urlconf = settings.CONSOLE_URLCONF if site.is_console else settings.ROOT_URLCONF  # type: ignore[attr-defined]
        set_urlconf(request.urlconf)  # type: ignore[attr-defined]
        connection.set_tenant(site)
        try:
            response = self.get_response(request)
        finally:
            connection.set_schema_to_public()
            set_urlconf(None)
        # A file's bytes ask no database, and the server sends them quicker untouched.
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _streamed(response.streaming_content, site, request.urlconf)  # type: ignore[attr-defined]
        if site.state == SiteState.TRIAL:
            response["X-Robots-Tag"] = "noindex"
        return response

    @staticmethod
    def _lets_in(request: HttpRequest, site: Subsite) -> bool:
        if site.state not in STATE_PAGES:
            return True
        return site.state != SiteState.CLOSED and request.path_info.startswith((*STAFF_PREFIXES, *SIGNED_IN_PREFIXES))


class HiddenFilesMiddleware:
    """While a site is not public, its files are for those who are signed in; comes after authentication."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give the state's page instead of a file to everybody else."""
        site = request.site_record  # type: ignore[attr-defined]
        asked_for_file = site.state in STATE_PAGES and request.path_info.startswith(SIGNED_IN_PREFIXES)
        if asked_for_file and not request.user.is_authenticated:
            return _state_page(request, site)
        return self.get_response(request)


def _actor_of(request: HttpRequest) -> Actor:
    code = request.site_record.code  # type: ignore[attr-defined]
    user = request.user
    if not user.is_authenticated:
        return Actor(name="未登录访客", site=code, in_request=True)
    return Actor(name=user.actor_name, person=str(user.person_uuid or ""), site=code, in_request=True)


class ActorMiddleware:
    """Tell the ledger who acts in this request; asked when it writes, since the API signs its token in late."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the actor for writing requests and clear it afterwards."""
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            begin_acting(partial(_actor_of, request))
        try:
            return self.get_response(request)
        finally:
            stop_acting()
