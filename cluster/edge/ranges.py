"""Parts of a stored copy that a visitor asks for (RFC 9110, 14): one range of bytes; whatever else is asked gets the whole.

Called by the WSGI layer, for copies as they lie on the disk: a part of a compressed copy is never sent, so that no visitor
puts together bytes of two encodings.
"""

import re
from collections.abc import Mapping
from typing import Any

_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,40})-([0-9]{0,40})[ \t]*", re.ASCII | re.IGNORECASE)
Range = tuple[int | None, int | None]


def asked_range(environ: Mapping[str, Any]) -> Range | None:
    """Return first and last byte of the one range that a GET asks for; None where it asks for none, several or nonsense."""
    header = environ.get("HTTP_RANGE")
    if not header or environ["REQUEST_METHOD"] != "GET":
        return None
    found = _ONE_RANGE.fullmatch(header)
    if found is None:
        return None
    first, last = (int(number) if number else None for number in found.groups())
    if first is None:
        return None if last is None else (None, last)
    return None if last is not None and last < first else (first, last)


def still_wanted(environ: Mapping[str, Any], tag: str, changed: str) -> bool:
    """Tell whether the part fits to what the visitor has already (If-Range): the very same copy, by its tag or its date."""
    return environ.get("HTTP_IF_RANGE", tag) in {tag, changed}


def part_of(asked: Range, size: int) -> slice | None:
    """Return which bytes of a copy of this size are meant; None where it has none of them."""
    first, last = asked
    if first is None:
        return slice(max(0, size - (last or 0)), size) if last and size else None
    return slice(first, size if last is None else min(last + 1, size)) if first < size else None
