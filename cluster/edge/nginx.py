"""nginx's configuration for all sites at once, made from what the store itself goes by: headers, variants, folders.

Called by the command nginx_config; the text is templates/edge/nginx.conf. What it says of addresses is what
cluster.edge.addresses says, and the tests ask both the same questions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string

from cluster.edge.headers import headers_of
from cluster.edge.variants import BY_COOKIE, VIEW_COOKIE, Variant
from cluster.files import ACCEL_PREFIX, SANDBOX, SHOWN, upload_headers

# Types by the ends of names: nginx is told them here, so that every machine sends the same.
TYPES = (
    ("text/html", "html"),
    ("text/css", "css"),
    ("text/javascript", "js"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("application/xml", "xml"),
    ("application/rss+xml", "rss"),
    ("application/json", "json"),
    ("image/svg+xml", "svg"),
    ("image/png", "png"),
    ("image/jpeg", "jpg jpeg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("image/avif", "avif"),
    ("image/x-icon", "ico"),
    ("font/woff2", "woff2"),
    ("application/pdf", "pdf"),
    ("application/zip", "zip"),
    ("application/msword", "doc"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
)
CHARSET_TYPES = ("text/css", "text/javascript", "text/plain", "text/csv", "application/xml", "application/rss+xml")
# Told by nginx itself from the file's name; or by a map, since they differ between variants.
_BY_TYPE = "Content-Type"
_BY_MAP = {"Content-Language": "$qz_language"}


@dataclass(frozen=True)
class Server:
    """Where nginx listens, and where what it serves lies."""

    app: str
    store: Path
    media: Path
    static: Path
    port: int
    certificate: str = ""
    key: str = ""
    # Needs Debian's libnginx-mod-http-brotli-static.
    brotli: bool = False

    @property
    def has_usual_port(self) -> bool:
        """Tell whether addresses leave the port out."""
        return self.port == (443 if self.certificate else 80)

    @property
    def listening(self) -> list[str]:
        """Return the addresses for `listen`."""
        ssl = " ssl" if self.certificate else ""
        return [f"{self.port}{ssl}", f"[::]:{self.port}{ssl}"]


def configuration(server: Server) -> str:
    """Return the text to include in nginx's http block."""
    everywhere, normal = _everywhere(), Variant.NORMAL
    pages = _page_headers("html")
    uploads = upload_headers("")
    context = {
        **vars(server),
        "cookie": VIEW_COOKIE,
        "normal": normal.value,
        "views": [(value, variant.value) for value, variant in BY_COOKIE.items()],
        "languages": [(variant.value, variant.language) for variant in Variant],
        "sandbox": SANDBOX,
        "shown": SHOWN,
        "accel": ACCEL_PREFIX,
        "types": TYPES,
        "charset_types": " ".join(CHARSET_TYPES),
        "page_headers": pages,
        "other_headers": _page_headers("rss"),
        "words": _words(pages),
        "upload_headers": [*_uploads(uploads), *everywhere],
        # The application has said how long its answer may be kept: to whom it was shown decides that.
        "accel_headers": [*_uploads(uploads, without="Cache-Control"), *everywhere],
        "everywhere": everywhere,
        # The port belongs to the name where it is not the usual one: forms are checked against it.
        "host_header": "$host" if server.has_usual_port else "$host:$server_port",
        "listen": server.listening,
    }
    return render_to_string("edge/nginx.conf", context)


def _quoted(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value if value.startswith("$") else f'"{value}"') for name, value in headers]


def _page_headers(media_class: str) -> list[tuple[str, str]]:
    """Return the headers of stored pages of a class."""
    names = headers_of(media_class, Variant.NORMAL)
    return _quoted((name, _BY_MAP.get(name, value)) for name, value in names.items() if name != _BY_TYPE)


def _words(pages: Iterable[tuple[str, str]]) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Return where the words for a breakdown are: in the view that was asked for, else in the normal one, in its language."""
    asked = [(name, value) for name, value in pages if name != "Cache-Control"]
    language = _quoted([("Content-Language", Variant.NORMAL.language)])
    normal = [pair for pair in asked if pair[0] != "Content-Language"] + language
    return [
        ("/-down/words", "$qz_view", asked, "/-down/normal"),
        ("/-down/normal", Variant.NORMAL.value, normal, "=503"),
    ]


def _uploads(headers: dict[str, str], *, without: str = "") -> list[tuple[str, str]]:
    told = headers | {"Content-Security-Policy": "$qz_upload_policy"}
    return _quoted((name, value) for name, value in told.items() if name != without)


def _everywhere() -> list[tuple[str, str]]:
    name = "Strict-Transport-Security"
    found = headers_of("html", Variant.NORMAL).get(name)
    return _quoted([(name, found)]) if found else []
