"""Ask the page store as citizens do: through the layer in front of the application, which notes whether Django was asked."""

from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test.client import RequestFactory

from cluster.edge.store import Store, page_store
from cluster.edge.wsgi import StoreLayer
from cluster.subsites.models import Subsite


@dataclass
class Answer:
    """What came back; `from_store` where Django was not asked."""

    status: int
    headers: Message
    body: bytes
    from_store: bool

    @property
    def text(self) -> str:
        return self.body.decode()


def join(store: Store) -> None:
    """Have a store keep pages as one that is told of changes, where no agent is part of the test."""
    store.membership.keep(store.membership.read().reports)


@dataclass
class Front:
    """The application with the store in front of it, in this process. Make it after the settings stand."""

    asked: int = 0
    handler: WSGIHandler = field(default_factory=WSGIHandler)

    def __post_init__(self) -> None:
        self.layer = StoreLayer(self._application)
        join(self.store)

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked += 1
        return self.handler(environ, start_response)

    @property
    def store(self) -> Store:
        return page_store()

    def get(self, site: Subsite | str, path: str = "/", *, method: str = "GET", **environ: str) -> Answer:
        """Ask for a page; `environ` as WSGI names headers (HTTP_COOKIE=…). The path is taken as it is, query included."""
        host = site if isinstance(site, str) else site.primary_host
        decoded, _, query = path.partition("?")
        told = RequestFactory(HTTP_HOST=host).generic(method, "/", **environ).environ
        told |= {"PATH_INFO": decoded, "QUERY_STRING": query}
        if "HTTP_COOKIE" not in environ:
            told.pop("HTTP_COOKIE", None)
        before, heard = self.asked, {}

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            heard["status"], heard["headers"] = int(status.split()[0]), Message()
            for name, value in headers:
                heard["headers"][name] = value

        # As Django's own client does: a test's connection outlives its requests.
        request_started.disconnect(close_old_connections)
        try:
            body = b"".join(self.layer(told, start_response))
        finally:
            request_started.connect(close_old_connections)
        return Answer(heard["status"], heard["headers"], body, self.asked == before)

    def paths(self, site: Subsite) -> set[str]:
        """Return what is stored of a site: paths with their parameters and variants other than the normal one."""
        found = set()
        for entry in self.store.index.entries_of(site.schema_name):
            address = entry.address
            query = f"?{address.query}" if address.query else ""
            variant = "" if address.variant == "n" else f"#{address.variant}"
            found.add(f"{address.path}{query}{variant}")
        return found
