"""Store what anonymous citizens are shown: first in settings.MIDDLEWARE, around everything that asks the database.

Which requests may be stored is decided before the page is rendered, which answers may after it (cluster.edge.admission).
A copy goes to cluster.edge.store with what the page used (cluster.edge.recording).
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.module_loading import import_string

from cluster.context import in_site
from cluster.edge import recording
from cluster.edge.addresses import canonical
from cluster.edge.admission import refusal_of, says_what_its_class_says
from cluster.edge.entries import Address
from cluster.edge.headers import headers_of
from cluster.edge.linked import files_in
from cluster.edge.locks import held_or_waited, page_lock
from cluster.edge.store import Store, page_store
from cluster.edge.traditional import to_traditional
from cluster.edge.variants import Variant, read_cookies
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
# How long a visitor waits for the one who renders the same page.
WAIT_SECONDS = 5.0
# In the environ of a request by which the store itself asks for a page: nobody's stored copy answers it. A list there gets
# what the page used, and nothing is stored.
FOR_STORE = "qunzhan.for_store"
# There, too: how long such a request waits for who renders the same page.
WAIT = "qunzhan.wait"
OK, ACCEPTED = 200, 202

GetResponse = Callable[[HttpRequest], HttpResponse]


class InHand(HttpResponse):
    """Somebody else renders this page for the store just now: it is not rendered twice. Only the store itself gets this."""

    status_code = ACCEPTED


class StoreMiddleware:
    """Render public pages in the variant that was asked for, and keep them where they may be kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; whatever goes wrong with the store itself is logged and costs the visitor nothing."""
        variant, has_cookies = read_cookies(request.META.get("HTTP_COOKIE", ""))
        request.variant = variant  # type: ignore[attr-defined]
        address = None if has_cookies or not settings.EDGE_ENABLED else asked_address(request, variant)
        store = _store() if address else None
        if store is None or address is None:
            return self._render(request, variant, None, None)
        with _one_renderer(store, address, request.META.get(WAIT, WAIT_SECONDS)) as is_first:
            if is_first:
                return self._render(request, variant, store, address)
        if WAIT in request.META:
            return InHand()
        found = None if FOR_STORE in request.META else store.find(address)
        if found:
            return HttpResponse(found.path.read_bytes(), headers=headers_of(found.media_class, variant))
        return self._render(request, variant, None, None)

    def _render(
        self, request: HttpRequest, variant: Variant, store: Store | None, address: Address | None
    ) -> HttpResponse:
        with recording.record(_position(store)) as noted:
            response = self.get_response(request)
        if not noted.is_storable or response.status_code != OK or isinstance(response, StreamingHttpResponse):
            return response
        if variant.is_hant and noted.media_class == "html":
            response.content = to_traditional(response.content)
        if not says_what_its_class_says(response, noted.media_class, variant):
            return response
        # The same headers whether or not it is kept: nobody can tell from them.
        for name, value in headers_of(noted.media_class, variant).items():
            response[name] = value
        if store and address and noted.position >= 0 and not refusal_of(request, response, noted, address):
            seen = request.META.get(FOR_STORE)
            if seen is not None:
                seen.append(noted)
                return response
            _write(store, address, noted, response.content, request.site_record)  # type: ignore[attr-defined]
        return response


def asked_address(request: HttpRequest, variant: Variant) -> Address | None:
    """Return the address of the copy that would answer this request; None where none ever does."""
    # Below a prefix that a proxy or a visitor names, every link of the page would begin with it.
    if request.method != "GET" or "HTTP_AUTHORIZATION" in request.META or request.META.get("SCRIPT_NAME"):
        return None
    host = request.META.get("HTTP_HOST", "")
    return canonical(host, request.path_info, request.META.get("QUERY_STRING", ""), variant.value)


def _store() -> Store | None:
    try:
        return page_store()
    except (OSError, sqlite3.Error):
        logger.exception("页面存储打不开，页面照常生成，不存储")
        return None


def _position(store: Store | None) -> int:
    """Return the store's last change; -1 where the index does not say, and then nothing is stored."""
    try:
        return store.index.position() if store else -1
    except sqlite3.Error:
        logger.exception("页面存储的索引读不出，页面照常生成，不存储")
        return -1


@contextmanager
def _one_renderer(store: Store, address: Address, seconds: float) -> Iterator[bool]:
    """Yield whether this visitor is the first who asks for the page; the others have waited for that one."""
    try:
        name = page_lock(store.root, address.host, address.path, address.query, address.variant)
        lock = held_or_waited(store.root, name, seconds)
        is_first = lock.__enter__()
    except OSError:
        logger.exception("页面存储的锁打不开")
        yield True
        return
    try:
        yield is_first
    finally:
        lock.__exit__(None, None, None)


def _write(store: Store, address: Address, noted: recording.Recording, body: bytes, site: Subsite) -> None:
    try:
        store.write(address, noted, body, site=site.schema_name, uploads=_uploads(site, noted, body))
    except (OSError, sqlite3.Error, DatabaseError):
        logger.exception("页面存储写不进：%s%s", address.host, address.path)


def _uploads(site: Subsite, noted: recording.Recording, body: bytes) -> dict[str, Path]:
    """Return what nginx may serve with the page; asked after its last change was noted, so that a later one refuses it."""
    linked = files_in(body)
    if not linked:
        return {}
    with in_site(site):
        found: dict[str, Path] = import_string(settings.EDGE_UPLOADS)(linked, noted.keys)
        return found
