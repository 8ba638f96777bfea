"""The headers of stored answers: one place that the rendered answer, the WSGI layer and nginx's configuration share.

A stored file is bytes alone; what surrounds them follows from its class (html, rss, xml, txt) and its variant. An answer
whose headers differ is not stored.
"""

from dataclasses import dataclass

from django.conf import settings

from cluster.edge.variants import Variant

# Pages bring their scripts and styles as files. The two other hosts belong to the state's own marks: 我为政府网站找错
# and the mark of the party and government bodies; design part 7.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' https://zfwzgl.www.gov.cn",
        "img-src 'self' data: https://zfwzgl.www.gov.cn https://dcs.conac.cn",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# A browser may keep a copy but asks each time whether it still holds: that is what makes a publication visible at once.
CACHE_CONTROL = "public, no-cache"


@dataclass(frozen=True, slots=True)
class MediaClass:
    """A class of stored answers: its type, and the end of its files' names."""

    name: str
    content_type: str
    suffix: str


CLASSES = {
    entry.name: entry
    for entry in (
        MediaClass("html", "text/html; charset=utf-8", ".html"),
        MediaClass("rss", "application/rss+xml; charset=utf-8", ".rss"),
        MediaClass("xml", "application/xml; charset=utf-8", ".xml"),
        MediaClass("txt", "text/plain; charset=utf-8", ".txt"),
    )
}


def headers_of(media_class: str, variant: Variant) -> dict[str, str]:
    """Return the headers of an answer of this class, without length, date and validators."""
    headers = {
        "Content-Type": CLASSES[media_class].content_type,
        "Cache-Control": CACHE_CONTROL,
        "Vary": "Accept-Encoding, Cookie",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if media_class == "html":
        headers["Content-Language"] = variant.language
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return headers
