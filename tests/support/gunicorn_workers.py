"""One of gunicorn's workers in this process, configured as the product is, with the store in front of a small application."""

import os
import re
import runpy
import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

from cluster.edge.wsgi import StoreLayer
from deploy.launcher.options import REPO

RENDERED = b"rendered"
PATIENCE = 60
_DATE = re.compile(rb"\r\nDate: [^\r]*")


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Stand for Django: read what was sent, say so."""
    body = RENDERED + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


class Worker:
    """A worker at work; `handled` counts what went through its threads."""

    def __init__(self, kind: type[ThreadWorker], folder: Path, **options: Any) -> None:
        self.handled = 0
        self.layer = StoreLayer(application)
        self.listener = socket.create_server(("127.0.0.1", 0))
        worker = kind(0, os.getppid(), [self.listener], None, 60, _config(folder, options), None)
        worker.log = Logger(worker.cfg)
        worker.wsgi = self.layer
        handle = worker.handle

        def counted(conn: TConn) -> object:
            self.handled += 1
            return handle(conn)

        worker.handle = counted
        # What init_process does, but for signals and users, which belong to a process of its own.
        worker.tpool = worker.get_thread_pool()
        worker.poller = selectors.DefaultSelector()
        worker.method_queue.init()
        self.worker, self.thread = worker, Thread(target=worker.run)

    def connect(self) -> socket.socket:
        """Return a new connection."""
        return socket.create_connection(self.listener.getsockname(), timeout=PATIENCE)

    @contextmanager
    def kept(self) -> Iterator[socket.socket]:
        """Give a connection on which a request was answered, and which is kept."""
        with self.connect() as connection:
            assert ask(connection, b"GET /nothing/ HTTP/1.1\r\nHost: a.localhost\r\n\r\n").endswith(RENDERED)
            yield connection

    def exchange(self, sent: bytes) -> bytes:
        """Send bytes on a kept connection and nothing after them; return all that comes back, without its date."""
        with self.kept() as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return _DATE.sub(b"", b"".join(iter(lambda: connection.recv(65_536), b"")))


@contextmanager
def working(kind: type[ThreadWorker], folder: Path, **options: Any) -> Iterator[Worker]:
    """Give a worker at work. Close your connections before the end."""
    worker = Worker(kind, folder, **options)
    worker.thread.start()
    try:
        yield worker
    finally:
        worker.worker.handle_exit(None, None)
        worker.thread.join(PATIENCE)
        worker.listener.close()
    assert not worker.thread.is_alive()


def _config(folder: Path, options: dict[str, Any]) -> Config:
    """Return the product's configuration, as gunicorn reads it from the file, with these options."""
    config = Config()
    told = (
        runpy.run_path(str(REPO / "deploy" / "gunicorn.conf.py")) | {"errorlog": str(folder / "gunicorn.log")} | options
    )
    for name, value in told.items():
        if name in config.settings and name != "worker_class":
            config.set(name, value)
    return config


def ask(connection: socket.socket, sent: bytes) -> bytes:
    """Send a request and return its answer, by its length; the connection stays."""
    connection.sendall(sent)
    return receive(connection)


def receive(connection: socket.socket) -> bytes:
    """Return the next answer, and read nothing of the one behind it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _some(connection, 1)
    length = re.search(rb"Content-Length: (\d+)", head)
    assert length, head
    pieces, missing = [head], int(length[1])
    while missing:
        pieces.append(_some(connection, min(missing, 65_536)))
        missing -= len(pieces[-1])
    return b"".join(pieces)


def _some(connection: socket.socket, size: int) -> bytes:
    received = connection.recv(size)
    assert received, "the connection was closed"
    return received
