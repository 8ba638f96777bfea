"""Turn a finished page into traditional characters.

Called by the middleware for the variants of 繁; once for each copy. Runs of Han characters alone are turned: tags and codes
are ASCII and stay as they are, and so do addresses and what a form sends, which name things elsewhere.
"""

import re
from functools import cache, lru_cache

from opencc import OpenCC

_NAMING = "href|src|srcset|action|formaction|value|poster|cite|data|id|name|for"
_WORDS = re.compile(
    rf"""(?P<kept>\s(?:{_NAMING})\s*=\s*(?:"[^"]*"|'[^']*'))|(?P<han>[\u3007\u3400-\u9fff\uf900-\ufaff]+)""",
    re.IGNORECASE,
)


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


@lru_cache(maxsize=8192)  # menus and labels are the same on every page
def _convert(words: str) -> str:
    return str(_converter().convert(words))


def to_traditional(content: bytes) -> bytes:
    """Return the page (UTF-8) in traditional characters."""
    return _WORDS.sub(_turned, content.decode()).encode()


def _turned(match: re.Match[str]) -> str:
    han = match["han"]
    return _convert(han) if han else match["kept"]
