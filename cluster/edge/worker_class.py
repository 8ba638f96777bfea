"""How gunicorn hands out stored pages: its threaded worker, whose main thread answers with them itself.

Named by deploy/gunicorn.conf.py. gunicorn gives each request on a kept connection to another thread and gets the connection
back from it; for a page of the store that takes three times as long as the answer. Here the main thread looks at what has
come, without taking it, and answers where the store has the page; whatever else it is stays untouched in the socket and goes
gunicorn's own way. Both ways read requests and write answers with the same classes of gunicorn. What the main thread does
for a visitor it must never wait for: it takes leave of connections without waiting, too.
"""

import selectors
import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.http.wsgi import Response, create
from gunicorn.workers.gthread import TConn, ThreadWorker

if TYPE_CHECKING:
    from cluster.edge.wsgi import Headers, StoreLayer

_LONGEST_HEAD = 8192
_HEAD_ENDS = b"\r\n\r\n"
# How long a visitor may go on after the last answer, and how much may come that nobody reads: as in gunicorn's own way.
LEAVE_SECONDS, _LEAVE_BYTES = 2.0, 65_536


class _Letter:
    """Stands for the socket while an answer is written: it leaves in one piece."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.send = self.sendall = self.parts.append


class _Answer(Response):  # type: ignore[misc]
    """An answer whose headers are the store's own: nobody need look for bad signs in them."""

    def process_headers(self, headers: "Headers") -> None:
        """Take the headers as they are."""
        self.headers = headers
        self.response_length = next((int(value) for name, value in headers if name == "Content-Length"), None)


class StoreWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves `cluster.wsgi`: stored pages from the main thread, all else from the other threads."""

    wsgi: "StoreLayer"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with no connection to take leave of."""
        super().__init__(*args, **kwargs)
        # Connections whose last answer is sent, in the order of that, each with the bytes that may still come.
        self.leaving: dict[TConn, int] = {}

    def run(self) -> None:
        """Serve until told to stop; where gunicorn was told more than our configuration says, all in its own way."""
        cfg = self.cfg
        is_plain = not cfg.is_ssl and (cfg.protocol, cfg.proxy_protocol, cfg.http2_cleartext) == ("http", "off", "off")
        is_counted = self.log.access_log_enabled or cfg.statsd_host
        self.answers_at_once = self.wsgi.is_on and is_plain and not is_counted
        self.plain_settings = _as_attributes(cfg)
        super().run()
        for conn in self.leaving:
            conn.close()

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer what came on a kept connection, or have it handled."""
        if not (self.answers_at_once and self._answer(conn, client)):
            super().on_client_socket_readable(conn, client)

    def _answer(self, conn: TConn, client: socket.socket) -> bool:
        """Answer from the store; return False, and leave all as it was, where that cannot be."""
        # A worker that ends tells its visitors that the connection ends: gunicorn sees to that.
        if not self.alive:
            return False
        head = _seen(client)
        answer = _answer_to(head, self.wsgi, conn, self.plain_settings) if head else b""
        if not answer:
            return False
        self.keepalived_conns.remove(conn)
        try:
            client.recv(len(head))
            sent = client.send(answer)
        except OSError:
            sent = 0  # the socket is full, or the visitor gone: the thread that goes on will see
        if sent == len(answer):
            conn.set_timeout()
            self.keepalived_conns.append(conn)
        else:
            self._go_on(conn, client, answer[sent:])
        return True

    def _go_on(self, conn: TConn, client: socket.socket, rest: bytes) -> None:
        """Have another thread wait for a slow visitor, as it would with any answer, but not for ever."""
        self.poller.unregister(client)
        sending = self.tpool.submit(_send, client, rest, self.cfg.timeout)
        sending.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def finish_request(self, conn: TConn, done: "Future[object]") -> None:
        """Keep or close a connection; gunicorn would wait for the visitor to close it, and for stored pages others with it."""
        is_over = done.cancelled() or not (done.exception() or done.result())
        if is_over and not self.cfg.is_ssl:
            self._take_leave(conn)
        else:
            super().finish_request(conn, done)

    def _take_leave(self, conn: TConn) -> None:
        """Say that nothing more comes; closed at once, a request still on its way would undo the answer (RFC 9112, 9.6)."""
        conn.timeout = time.monotonic() + LEAVE_SECONDS
        self.leaving[conn] = _LEAVE_BYTES
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._hear_out, conn))
        except (OSError, ValueError):
            self._leave(conn)

    def _hear_out(self, conn: TConn, client: socket.socket) -> None:
        """Drop what still comes; the visitor's own end, or too much, ends it."""
        try:
            heard = len(client.recv(_LEAVE_BYTES))
        except BlockingIOError:
            return
        except OSError:
            heard = 0
        self.leaving[conn] -= heard
        if not heard or self.leaving[conn] <= 0:
            self._leave(conn)

    def _leave(self, conn: TConn) -> None:
        del self.leaving[conn]
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close, beside what gunicorn closes, what was not closed by its visitors in time."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [one for one in self.leaving if one.timeout <= now]:
            self._leave(conn)


def _as_attributes(cfg: Config) -> SimpleNamespace:
    """Return what a request and its answer ask of the settings: gunicorn's own object takes a third of their time to say it."""
    told = {name: setting.get() for name, setting in cfg.settings.items()}
    return SimpleNamespace(**told, is_ssl=cfg.is_ssl, forwarded_allow_networks=cfg.forwarded_allow_networks)


def _seen(client: socket.socket) -> bytes:
    """Return the head of a GET or HEAD that has come whole, and leave it in the socket; nothing where it is none."""
    try:
        seen = client.recv(_LONGEST_HEAD, socket.MSG_PEEK)
    except OSError:
        return b""
    head, end, _ = seen.partition(_HEAD_ENDS)
    return head + end if end and head.startswith((b"GET /", b"HEAD /")) else b""


def _answer_to(head: bytes, layer: "StoreLayer", conn: TConn, cfg: SimpleNamespace) -> bytes:
    """Return the whole answer; nothing where the store has none, and where the request is bad, has a body or is the last."""
    letter = _Letter()
    try:
        request = Request(cfg, IterUnreader([head]), conn.client)
        response, environ = create(request, letter, conn.client, conn.server, cfg, _Answer)
        has_body = "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ
        answer = None if has_body else layer.answer(environ)
        if answer is None:
            return b""
        status, headers, body = answer
        response.start_response(status, headers)
        if body:
            response.write(body)
        response.close()
    except Exception:  # whatever it is, the other threads meet it again, and say and log it
        return b""
    return b"" if response.should_close() else b"".join(letter.parts)


def _send(client: socket.socket, rest: bytes, seconds: float) -> bool:
    """Send what is left; the connection may be kept. Raises TimeoutError, at which gunicorn closes it, when it takes too long.

    A few visitors who read nothing would otherwise hold every thread, and no page would be rendered any more.
    """
    client.settimeout(seconds or None)
    client.sendall(rest)
    return True
