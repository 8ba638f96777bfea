"""What citizens get while the database does not answer: an older copy of their page, or the site's words on what still works.

Called by cluster.middleware; nginx does the same for itself where the application does not answer at all. The words are an
ordinary stored page of each site, at DOWN_PATH.
"""

import logging
import sqlite3

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from cluster.edge.addresses import canonical, canonical_host
from cluster.edge.entries import Address
from cluster.edge.generation import CURRENT, PREVIOUS
from cluster.edge.headers import headers_of
from cluster.edge.store import Found, page_store
from cluster.edge.variants import Variant, read_cookies

logger = logging.getLogger(__name__)
DOWN_PATH = "/down/"
RETRY_AFTER = "30"


def stand_in(request: HttpRequest) -> HttpResponse | None:
    """Return what the store of this server has to say; None where it has nothing."""
    if not settings.EDGE_ENABLED:
        return None
    variant, _ = read_cookies(request.META.get("HTTP_COOKIE", ""))
    try:
        found = _copy(request, variant)
        return _answer(found, variant) if found else _words(request, variant)
    except (OSError, sqlite3.Error):
        logger.exception("数据库没有回答，页面存储也读不出")
        return None


def _copy(request: HttpRequest, variant: Variant) -> Found | None:
    """Return the copy of this page, if need be that of the last release. Forms that were sent are not answered by one."""
    if request.method not in {"GET", "HEAD"}:
        return None
    query = request.META.get("QUERY_STRING", "")
    address = canonical(request.META.get("HTTP_HOST", ""), request.path_info, query, variant.value)
    return _find(address) if address else None


def _words(request: HttpRequest, variant: Variant) -> HttpResponse | None:
    host = canonical_host(request.META.get("HTTP_HOST", "")) or ""
    for shown in dict.fromkeys((variant, Variant.NORMAL)):
        if found := _find(Address(host, DOWN_PATH, "", shown.value)):
            response = _answer(found, shown)
            response.status_code = 503
            response["Retry-After"], response["Cache-Control"] = RETRY_AFTER, "no-store"
            return response
    return None


def _find(address: Address) -> Found | None:
    store = page_store()
    return store.find(address, link=CURRENT) or store.find(address, link=PREVIOUS)


def _answer(found: Found, variant: Variant) -> HttpResponse:
    return HttpResponse(found.path.read_bytes(), headers=headers_of(found.media_class, variant))
