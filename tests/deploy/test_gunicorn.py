"""What gunicorn makes of a request under our configuration: no header decides below which path the sites lie."""

import socket
from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.http import RequestParser, wsgi

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"
HERE = ("127.0.0.1", 40000)


def environ_of(header: str) -> dict[str, str]:
    """Return the WSGI environment of a request from this machine, the address that may name the citizen's scheme."""
    cfg, told = Config(), {"__file__": str(CONFIGURATION)}
    exec(CONFIGURATION.read_text(), told)
    for name in ("forwarded_allow_ips", "forwarder_headers"):
        cfg.set(name, told[name])
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(f"GET /dtyw/ HTTP/1.1\r\nHost: alpha.localhost\r\n{header}\r\n\r\n".encode())
        request = next(RequestParser(cfg, ours, HERE))
        _, environ = wsgi.create(request, ours, HERE, HERE, cfg)
    return dict(environ)


@pytest.mark.parametrize("header", ["SCRIPT_NAME: /dtyw", "PATH_INFO: /evil/", "Script_Name: /dtyw"])
def test_no_header_moves_the_sites(header: str) -> None:
    environ = environ_of(header)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/dtyw/")


def test_the_proxy_may_say_that_the_citizen_came_by_https() -> None:
    assert environ_of("X-Forwarded-Proto: https")["wsgi.url_scheme"] == "https"
    assert environ_of("X-Forwarded-Proto: http")["wsgi.url_scheme"] == "http"
