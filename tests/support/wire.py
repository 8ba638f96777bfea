"""A wire between the product and a server, which a test can cut, hold and mend without touching the server.

Used by tests/flows for Elasticsearch: the one that all tests share must not be killed for one of them.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

CHUNK = 16_384


class Wire:
    """A TCP proxy on a port of its own; open from the start."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self.server = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.port = 0
        self.passed_up = 0
        self.held = threading.Event()
        self._flows_up, self._flows_down = threading.Event(), threading.Event()
        self._cut_at: int | None = None
        self._needle = b""
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self.mend()

    @property
    def url(self) -> str:
        """The address under which the product reaches the server."""
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        """Let everything pass again."""
        self._cut_at, self._needle = None, b""
        self.held.clear()
        self._flows_up.set()
        self._flows_down.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=50)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Break every connection and refuse new ones, as a killed server does."""
        with self._lock:
            listener, self._listener = self._listener, None
            pairs, self._pairs = self._pairs, set()
        if listener is not None:
            # The thread that waits in accept() would keep the port open.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for pair in pairs:
            _break(*pair)
        self._flows_up.set()
        self._flows_down.set()

    def cut_after(self, size: int) -> None:
        """Cut in the midst of what is sent: when so many more bytes have gone up."""
        self._cut_at = self.passed_up + size

    def hold(self) -> None:
        """Take connections and bytes and pass nothing on, as a server that hangs."""
        self.held.clear()
        self._flows_up.clear()
        self._flows_down.clear()

    def hold_answers(self) -> None:
        """Pass on what is sent, so that the server acts on it, and keep its answers back."""
        self.held.clear()
        self._flows_down.clear()

    def hold_answer_to(self, needle: bytes) -> None:
        """Pass everything until a request holds the needle; that one too, but from its answer on nothing comes back."""
        self.held.clear()
        self._needle = needle

    def wait_held(self, seconds: float = 30) -> None:
        """Wait until something is held back; fails where nothing comes."""
        assert self.held.wait(seconds), f"nothing came to be held in {seconds} s"

    def wait_cut(self, seconds: float = 30) -> None:
        """Wait until the cut that cut_after announced has been made."""
        deadline = time.monotonic() + seconds
        while self._listener is not None:
            assert time.monotonic() < deadline, f"not enough was sent in {seconds} s"
            time.sleep(0.01)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self.server, timeout=10)
            except OSError:
                return
            server.settimeout(None)
            with self._lock:
                self._pairs.add((client, server))
            for source, target, gate, look in (
                (client, server, self._flows_up, self._look),
                (server, client, self._flows_down, _look_away),
            ):
                threading.Thread(target=self._pump, args=(source, target, gate, look), daemon=True).start()

    def _pump(
        self, source: socket.socket, target: socket.socket, gate: threading.Event, look: Callable[[bytes], None]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                look(data)
                if not gate.is_set():
                    self.held.set()
                    gate.wait()
                target.sendall(data)
        _break(source, target)

    def _look(self, data: bytes) -> None:
        """Watch what goes up for the sign at which to hold or to cut."""
        self.passed_up += len(data)
        if self._needle and self._needle in data:
            self._needle = b""
            self._flows_down.clear()
        if self._cut_at is not None and self.passed_up >= self._cut_at:
            self._cut_at = None
            self.cut()


def _look_away(data: bytes) -> None:
    """Answers are not watched."""


def _break(*ends: socket.socket) -> None:
    """Close at once, with a reset and without a goodbye."""
    for end in ends:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
        end.close()
