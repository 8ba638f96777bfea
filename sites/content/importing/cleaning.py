"""Make text from elsewhere fit for pages: one kind of line end, no invisible signs; refuse what is damaged.

Called by `records` for every text of a record.
"""

import re

_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
# Zero-width blanks split words for search; direction marks make text read other than it is stored. The joiner of emoji
# (U+200D) stays.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_HALF_SIGN = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")


def has_half_sign(text: str) -> bool:
    """Return whether the text holds one half of a sign of two (a lone surrogate): it was cut in the middle."""
    return _HALF_SIGN.search(text) is not None


def clean_text(text: str) -> tuple[str, int]:
    """Return the text with plain line ends and without invisible signs, and how many control signs were taken out."""
    text = _LINE_END.sub("\n", text).replace("\xa0", " ")
    text, controls = _CONTROL.subn("", text)
    return _INVISIBLE.sub("", text).strip(), controls


def single_line(text: str) -> str:
    """Join lines; blanks in a row become one."""
    return _BLANKS.sub(" ", text).strip()
