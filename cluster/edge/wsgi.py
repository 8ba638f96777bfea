"""Answer from the store before any middleware runs: what nginx does where there is nginx.

Wraps the application in cluster.wsgi, and is asked by worker_class for what comes on a kept connection. Asks neither database
nor Django's handlers: a file is opened and sent.
"""

import logging
import os
import re
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from cluster.edge.addresses import canonical, file_of, media_classes_of
from cluster.edge.entries import Address
from cluster.edge.files import SIBLINGS
from cluster.edge.generation import CURRENT, switch_off
from cluster.edge.headers import headers_of
from cluster.edge.ranges import Range, asked_range, part_of, still_wanted
from cluster.edge.variants import VIEW_COOKIE, Variant, of_cookie

logger = logging.getLogger(__name__)
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
# Stands in the environ for who counts requests (deploy/gunicorn.conf.py): the application was not asked.
STORED = "qunzhan.stored"
_VIEW = re.compile(rf"(?:^|;)\s*{VIEW_COOKIE}=([a-z-]*)\s*(?:;|$)")
_ACCEPTED = re.compile(r"(?:^|,)\s*(br|gzip)\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|$)")


class StoreLayer:
    """The application, with the store in front of it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.folder = str(Path(settings.EDGE_ROOT) / CURRENT)
        self.is_on = settings.EDGE_ENABLED
        if not self.is_on:
            # What was stored before it was switched off is kept true by nobody.
            try:
                switch_off(Path(settings.EDGE_ROOT))
            except OSError:
                logger.critical(
                    "页面存储已关闭，而存下的页面撤不掉，请删除文件夹：%s", settings.EDGE_ROOT, exc_info=True
                )
        self.wants_https = settings.SECURE_SSL_REDIRECT
        self.headers = {
            (name, variant): list(headers_of(name, variant).items())
            for name in ("html", "rss", "xml", "txt")
            for variant in Variant
        }

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the store, or ask the application."""
        answer = self.answer(environ)
        if not answer:
            return self.application(environ, start_response)
        status, headers, body = answer
        environ[STORED] = True
        start_response(status, headers)
        return [body] if body else []

    def answer(self, environ: dict[str, Any]) -> tuple[str, Headers, bytes] | None:
        """Return status, headers and body from the store; None where the application is to be asked."""
        method = environ["REQUEST_METHOD"]
        if not self.is_on or method not in ("GET", "HEAD"):
            return None
        if "HTTP_AUTHORIZATION" in environ or environ.get("SCRIPT_NAME"):
            return None
        if self.wants_https and not _is_https(environ):
            return None
        view = _VIEW.search(environ.get("HTTP_COOKIE", ""))
        variant = of_cookie(view and view.group(1))
        host, query = environ.get("HTTP_HOST", ""), environ.get("QUERY_STRING", "")
        address = canonical(host, environ.get("PATH_INFO", ""), query, variant.value)
        wanted = asked_range(environ)
        found = address and self._open(address, "" if wanted else environ.get("HTTP_ACCEPT_ENCODING", ""))
        if not found:
            return None
        media_class, encoding, body, mtime = found
        tag, changed = f'"{int(mtime):x}-{len(body):x}"', _moment(int(mtime))
        headers = [*self.headers[media_class, variant], ("ETag", tag), ("Last-Modified", changed)]
        if _holds(environ, tag, changed):
            return "304 Not Modified", _without_type(headers), b""
        headers.append(("Accept-Ranges", "bytes"))
        if wanted and still_wanted(environ, tag, changed):
            return _part(wanted, headers, body)
        if encoding:
            headers.append(("Content-Encoding", encoding))
        headers.append(("Content-Length", str(len(body))))
        return "200 OK", headers, body if method == "GET" else b""

    def _open(self, address: Address, accepted: str) -> tuple[str, str, bytes, float] | None:
        """Return class, encoding, bytes and time of a copy."""
        for media_class in media_classes_of(address.path):
            plain = f"{self.folder}/{file_of(address, media_class)}"
            for end, encoding in _encodings(accepted):
                try:
                    file = os.open(plain + end, os.O_RDONLY)
                except OSError:
                    continue
                try:
                    found = os.fstat(file)
                    return media_class, encoding, os.read(file, found.st_size), found.st_mtime
                finally:
                    os.close(file)
        return None


def _part(wanted: Range, headers: Headers, body: bytes) -> tuple[str, Headers, bytes]:
    """Return the part of a copy that was asked for, or say how long the whole is."""
    part = part_of(wanted, len(body))
    if part is None:
        told = [("Content-Range", f"bytes */{len(body)}"), ("Content-Length", "0")]
        return "416 Range Not Satisfiable", [*_without_type(headers), *told], b""
    place = ("Content-Range", f"bytes {part.start}-{part.stop - 1}/{len(body)}")
    return "206 Partial Content", [*headers, place, ("Content-Length", str(part.stop - part.start))], body[part]


def _without_type(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name != "Content-Type"]


@lru_cache(maxsize=256)
def _encodings(accepted: str) -> tuple[tuple[str, str], ...]:
    """Return which files to try, in the order of the server's liking, and what each is called; browsers say few things here."""
    wanted = {name for name, weight in _ACCEPTED.findall(accepted) if weight.strip("0.") or not weight}
    return *(sibling for sibling in SIBLINGS if sibling[1] in wanted), ("", "")


@lru_cache(maxsize=4096)
def _moment(second: int) -> str:
    return formatdate(second, usegmt=True)


def _is_https(environ: dict[str, Any]) -> bool:
    header = settings.SECURE_PROXY_SSL_HEADER
    return environ.get("wsgi.url_scheme") == "https" or bool(header and environ.get(header[0]) == header[1])


def _holds(environ: dict[str, Any], tag: str, changed: str) -> bool:
    """Tell whether the visitor has this very copy; a tag, where there is one, speaks alone (RFC 9110, 13.2.2)."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in tags.split(",")}
    return bool(environ.get("HTTP_IF_MODIFIED_SINCE") == changed)
