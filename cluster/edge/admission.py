"""Which answers may be stored: those that any anonymous visitor would get, byte for byte and header for header.

Called by the middleware after a page that asked for storing was rendered. A closed list: what is not named is refused.
"""

from django.http import HttpRequest, HttpResponse

from cluster.edge.entries import Address
from cluster.edge.headers import headers_of
from cluster.edge.recording import Recording
from cluster.edge.variants import Variant
from cluster.subsites.models import SiteState

# Counted anew for each answer, and told of no one.
_OF_THE_BYTES = {"content-length"}


def refusal_of(request: HttpRequest, response: HttpResponse, noted: Recording, address: Address) -> str:
    """Say why this answer is not stored; empty where it may be."""
    if response.cookies:
        return "设置了 cookie"
    session = getattr(request, "session", None)
    if session is not None and (session.accessed or session.modified):
        return "读写了会话"
    # The request brought no cookie, so a token in its META was made for this visitor.
    if "CSRF_COOKIE" in request.META:
        return "含有表单令牌"
    if address.query and address.query.partition("=")[0] not in (noted.params or ()):
        return "带有本页不认的参数"
    site = getattr(request, "site_record", None)
    if site is None or site.state != SiteState.OPEN:
        return "网站没有正式开通"
    return ""


def says_what_its_class_says(response: HttpResponse, media_class: str, variant: Variant) -> bool:
    """Tell whether the answer has no header that a stored copy would lose, and none with another value."""
    expected = {name.lower(): value for name, value in headers_of(media_class, variant).items()}
    for name, value in response.headers.items():
        known = name.lower()
        if known == "vary":
            if not {part.strip().lower() for part in value.split(",")} <= {"accept-encoding", "cookie"}:
                return False
        elif known not in _OF_THE_BYTES and expected.get(known) != value:
            return False
    return True
