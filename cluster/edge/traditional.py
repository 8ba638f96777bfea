"""Turn a finished page into traditional characters.

Called by the middleware for the variants of 繁; once for each copy. Runs of Han characters alone are turned: tags,
addresses and codes are ASCII and stay as they are.
"""

import re
from functools import cache, lru_cache

from opencc import OpenCC

_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff]+")


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


@lru_cache(maxsize=8192)  # menus and labels are the same on every page
def _convert(words: str) -> str:
    return str(_converter().convert(words))


def to_traditional(content: bytes) -> bytes:
    """Return the page (UTF-8) in traditional characters."""
    return _HAN.sub(lambda match: _convert(match.group()), content.decode()).encode()
