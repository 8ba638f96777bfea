"""Web addresses for pages with Chinese titles.

Called by BasePage when an editor left the address empty, and by importers; the result becomes the last part of the URL.
"""

import re
from datetime import date

from anyascii import anyascii
from django.utils import timezone
from django.utils.text import slugify

# Names that the URL configuration or a column's own routes answer themselves: a page of this name would be hidden.
RESERVED_SLUGS = frozenset(
    {
        "admin",
        "api",
        "documents",
        "down",
        "media",
        "robots",
        "rss",
        "search",
        "sitemap",
        "static",
        "view",
        "form-token",
        "_util",
        "_sso",
    }
)
MAX_INITIALS = 24
_WORD = re.compile(r"[A-Z][a-z]*|[a-z]+|\d+")


def slug_for(title: str, on: date | None = None) -> str:
    """Make an address from pinyin initials and the day: 关于做好供暖工作的通知 → gyzhgngzdtz-20261123.

    A title in Latin letters keeps its words. Not unique: the caller adds a number where a sibling has it already.
    """
    day = (on or timezone.localdate()).strftime("%Y%m%d")
    if title.isascii():
        words = slugify(title)[:60].strip("-")
        return words if words and words not in RESERVED_SLUGS else f"{words or 'page'}-{day}"
    return f"{initials(title) or 'page'}-{day}"


def initials(title: str) -> str:
    """Take the first letter of each syllable; whole numbers and Latin words stay, signs and emoji go."""
    plain = "".join(_readable(sign) for sign in title)
    parts = [word if word.isdigit() else word[0] for word in _WORD.findall(plain)]
    return "".join(parts).lower()[:MAX_INITIALS]


def _readable(sign: str) -> str:
    # anyascii spells an emoji as ":grinning:" and 〔 as "["; neither belongs in an address.
    return anyascii(sign) if sign.isalnum() else " "
