"""From host to site: every request starts in the public schema and earns its site, or gets a plain page.

First in settings.MIDDLEWARE. The views that follow find the site in request.site_record and cluster.context.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import set_urlconf

from cluster.audit.actor import Actor, begin_acting, stop_acting
from cluster.subsites.models import Domain, SiteState, Subsite

# State → template and status. 503 with Retry-After says "come again", 410 "gone for good".
STATE_PAGES = {
    SiteState.PREPARING: ("states/preparing.html", 503),
    SiteState.SUSPENDED: ("states/suspended.html", 503),
    SiteState.CLOSED: ("states/closed.html", 410),
}
# What local staff need while their site is not public; a closed site lets nobody in.
STAFF_PREFIXES = ("/admin/", "/static/", "/media/", "/documents/", "/api/v3/")

GetResponse = Callable[[HttpRequest], HttpResponse]


def _plain_page(template: str, status: int, **context: object) -> HttpResponse:
    response = HttpResponse(render_to_string(template, context), status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = "3600"
    return response


def find_site(host: str) -> Subsite | None:
    """Return the site that answers to this host (without port), or None."""
    domain = Domain.objects.select_related("tenant__region", "tenant__parent").filter(domain=host).first()
    return domain.tenant if domain else None


class SiteMiddleware:
    """Enter the schema of the site whose host was asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the site of the host; 404 without a hint for unknown hosts, 400 for malformed ones."""
        connection.set_schema_to_public()
        try:
            host = request.get_host().rsplit(":", 1)[0].rstrip(".").lower()
        except DisallowedHost:
            return _plain_page("states/unknown_host.html", 400)
        site = find_site(host)
        if site is None:
            return _plain_page("states/unknown_host.html", 404)
        request.site_record = site  # type: ignore[attr-defined]
        page = self._state_page(request, site)
        if page is not None:
            return page
        request.urlconf = settings.CONSOLE_URLCONF if site.is_console else settings.ROOT_URLCONF  # type: ignore[attr-defined]
        set_urlconf(request.urlconf)  # type: ignore[attr-defined]
        connection.set_tenant(site)
        try:
            response = self.get_response(request)
        finally:
            connection.set_schema_to_public()
            set_urlconf(None)
        if site.state == SiteState.TRIAL:
            response["X-Robots-Tag"] = "noindex"
        return response

    @staticmethod
    def _state_page(request: HttpRequest, site: Subsite) -> HttpResponse | None:
        if site.state not in STATE_PAGES:
            return None
        if site.state != SiteState.CLOSED and request.path_info.startswith(STAFF_PREFIXES):
            return None
        template, status = STATE_PAGES[SiteState(site.state)]
        return _plain_page(template, status, site=site)


def _actor_of(request: HttpRequest) -> Actor:
    code = request.site_record.code  # type: ignore[attr-defined]
    user = request.user
    if not user.is_authenticated:  # the API signs its token in later, see sites.common.api
        return Actor(name="未登录访客", site=code)
    return Actor(name=user.actor_name, person=str(user.person_uuid or ""), site=code)


class ActorMiddleware:
    """Tell the ledger who acts in this request; comes after authentication."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the actor for writing requests and clear it afterwards."""
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            begin_acting(_actor_of(request))
        try:
            return self.get_response(request)
        finally:
            stop_acting()
