"""Render a page as a citizen would get it, in this process and for the store: no network, no visitor.

Called by the agent and by the commands of the store. The request goes through the whole of settings.MIDDLEWARE, so that
nothing is rendered in two ways; cluster.edge.middleware keeps the copy, unless the caller only wants to look.
"""

from functools import cache
from io import BytesIO

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse

from cluster.edge.entries import Address
from cluster.edge.middleware import FOR_STORE, WAIT
from cluster.edge.recording import Recording
from cluster.edge.variants import COOKIE_OF, VIEW_COOKIE, Variant


@cache
def _handler() -> BaseHandler:
    return WSGIHandler()


def render(address: Address, *, wait: float = 0.0) -> HttpResponse:
    """Return the answer for an address; a page that may be stored is in the store afterwards.

    Where a visitor's request renders the page just now, wait for that one so many seconds and return InHand: the agent has
    other pages to make, and withdrawals to hear. Raises what the database raises where that is away.
    """
    return _answer(environ_of(address) | {FOR_STORE: None, WAIT: wait})


def look(address: Address) -> tuple[HttpResponse, Recording | None]:
    """Return the answer for an address and what it used, and store nothing; no recording where it may not be stored."""
    seen: list[Recording] = []
    response = _answer(environ_of(address) | {FOR_STORE: seen})
    return response, seen[0] if seen else None


def _answer(environ: dict[str, object]) -> HttpResponse:
    # The middleware leaves the connection in the public schema, whatever happens.
    return _handler().get_response(WSGIRequest(environ))  # type: ignore[return-value]


def environ_of(address: Address) -> dict[str, object]:
    """Return the WSGI environment of a citizen's request for this address."""
    cookie = COOKIE_OF[Variant(address.variant)]
    environ: dict[str, object] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "SERVER_NAME": address.host,
        "SERVER_PORT": str(settings.SITE_PORT),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": address.host,
        # Behind a proxy the citizen's scheme stands here (settings.SECURE_PROXY_SSL_HEADER).
        "HTTP_X_FORWARDED_PROTO": settings.SITE_SCHEME,
        "wsgi.url_scheme": settings.SITE_SCHEME,
        "wsgi.input": BytesIO(),
    }
    return environ | ({"HTTP_COOKIE": f"{VIEW_COOKIE}={cookie}"} if cookie else {})
