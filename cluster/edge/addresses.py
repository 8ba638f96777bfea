"""Which requests may be answered from the store, and where their copy lies: one strict reading for writer and reader.

Called by the middleware and the WSGI layer; nginx's configuration says the same in its own words. What does not fit the
patterns is rendered and never stored, so that no two addresses share a copy and no address leaves the folder.
"""

import re

from cluster.edge.entries import Address
from cluster.edge.headers import CLASSES

# Parts of letters, digits, hyphens and underscores, as slugs are; no dots, so no way up and no file but ours.
PATH = re.compile(r"/(?:[A-Za-z0-9_-]{1,200}/){0,12}", re.ASCII)
FILES = {"/robots.txt": "txt", "/sitemap.xml": "xml"}
# The first page of a list has no number; a number has no leading nought and no more than five digits.
QUERY = re.compile(r"(?:page=(?:[2-9]|[1-9][0-9]{1,4})|p=[1-9][0-9]{0,4})", re.ASCII)
HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}", re.ASCII)
# Answered by the application each time; a lock for each visitor of these would make them queue.
UNSTORED = ("/admin/", "/api/", "/documents/", "/media/", "/search/", "/static/", "/view/", "/form-token/", "/_util/")
MAX_PATH = 700


def canonical_host(header: str) -> str | None:
    """Return the host of a Host header as the directory of sites knows it; None where it is malformed."""
    host, colon, port = header.partition(":")
    if colon and not (port.isascii() and port.isdigit()):
        return None
    host = host.removesuffix(".").lower()
    return host if HOST.fullmatch(host) else None


def canonical(host: str, path: str, query: str, variant: str) -> Address | None:
    """Return the address of a copy; None for what is never stored. `host` is a Host header, `path` is decoded."""
    name = canonical_host(host)
    if name is None or len(path) > MAX_PATH or path.startswith(UNSTORED):
        return None
    if path not in FILES and not PATH.fullmatch(path):
        return None
    if query and not QUERY.fullmatch(query):
        return None
    return Address(name, path, query, variant)


def file_of(address: Address, media_class: str) -> str:
    """Return where the copy lies below its generation. As text: it is asked at every hit, and paths take their time."""
    suffix = CLASSES[media_class].suffix
    number = f";{address.query}" if address.query else ""
    path = address.path.removesuffix(suffix) if address.path in FILES else f"{address.path}index"
    return f"{address.host}/{address.variant}{path}{number}{suffix}"


def media_classes_of(path: str) -> tuple[str, ...]:
    """Return the classes that a copy at this path may have, the likelier first."""
    if path in FILES:
        return (FILES[path],)
    return ("rss", "html") if path.endswith("/rss/") else ("html",)
