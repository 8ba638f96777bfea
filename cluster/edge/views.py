"""Choosing how to see the pages: large type, traditional characters. Never stored.

Named in cluster.urls.site; the links stand in the strip at the head of every page.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cluster.edge.variants import COOKIE_OF, VIEW_COOKIE, of_cookie

_A_YEAR = 365 * 24 * 3600


@require_safe
@never_cache
def choose_view(request: HttpRequest) -> HttpResponse:
    """Remember the view that was chosen, in a cookie of this host alone, and go back to the page."""
    target = request.GET.get("next", "/")
    if not target.startswith("/") or not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = HttpResponseRedirect(target)
    chosen = COOKIE_OF[of_cookie(request.GET.get("as"))]
    if chosen:
        response.set_cookie(
            VIEW_COOKIE,
            chosen,
            max_age=_A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(VIEW_COOKIE, samesite="Lax")
    return response
