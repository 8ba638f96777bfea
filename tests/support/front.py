"""A real nginx before a stand-in for the application, on a store filled by hand.

Used by tests/cluster/edge/nginx and by the bench. Requests are written out byte by byte: clients of libraries
would tidy up what an attacker sends.
"""

import http.client
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cluster.edge.nginx import Server, configuration
from deploy.launcher.debian import find_program
from deploy.launcher.elasticsearch import free_port
from tests.support.running import wait_until

AROUND = """daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/sites.conf;
}}
"""


def nginx_program() -> str:
    """Return the path of nginx; where it is missing the test is skipped, in CI it fails."""
    found = find_program("nginx")
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "没有 nginx（Debian：apt install nginx-light）"
        )
    return str(found)


@dataclass
class Answer:
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def by_app(self) -> bool:
        """Tell whether the application was asked."""
        return "x-app" in self.headers


class StandIn(ThreadingHTTPServer):
    """Answers like the application would where nothing is stored; paths under `accel` lead to an upload."""

    accel: dict[str, str]

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Says)
        self.accel = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Be as dead as a killed gunicorn."""
        self.shutdown()
        self.server_close()


class _Says(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def do_GET(self) -> None:
        """Say which request arrived."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = f"{self.command} {self.headers.get('Host')} {self.path}".encode()
        self.send_response(200)
        self.send_header("X-App", "1")
        heard = (self.headers.get(f"X-Forwarded-{name}") or "-" for name in ("For", "Host", "Proto"))
        self.send_header("X-Heard", " ".join(heard))
        if self.path in self.server.accel:
            self.send_header("X-Accel-Redirect", self.server.accel[self.path])
            self.send_header("Cache-Control", "private, no-cache")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_HEAD = do_PUT = do_OPTIONS = do_GET  # noqa: N815  names of the library

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@dataclass
class Front:
    """A running nginx."""

    folder: Path
    port: int
    app_port: int
    process: "subprocess.Popen[bytes]" = field(repr=False)

    def ask(self, host: str, target: str, method: str = "GET", **headers: str) -> Answer:
        """Send a request as it is written here; header names with _ for -."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            wire.sendall("\r\n".join([*lines, "", ""]).encode())
            answer = http.client.HTTPResponse(wire, method=method)
            answer.begin()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def words(self) -> str:
        """Return what nginx had to complain of."""
        return (self.folder / "error.log").read_text()


@contextmanager
def fronted(
    folder: Path, *, app_port: int, store: Path, media: Path, static: Path, workers: int = 1, further: str = ""
) -> Iterator[Front]:
    """Give nginx with the product's configuration, checked by `nginx -t`; stopped at the end."""
    program, port = nginx_program(), free_port()
    # nginx's own processes give up root; what they serve must lie open to them.
    server = Server(app=f"127.0.0.1:{app_port}", store=store, media=media, static=static, port=port)
    text = configuration(server).replace("listen [::]", "# listen [::]")
    (folder / "sites.conf").write_text(text + further)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, workers=workers, user=user))
    command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr, checked.stderr
    process = subprocess.Popen(command)
    try:
        wait_until(lambda: _answers(port), 10, "nginx answers")
        yield Front(folder, port, app_port, process)
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
