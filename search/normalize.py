"""Fold written variants of Chinese text into one form. Called by parsing (queries) and documents (texts); feeds both engines.

Queries get full NFKC. Texts get a fold that never changes the length, so that a position in the folded text is the same
position in the text that is shown: the highlighter relies on it.
"""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

#: Blocks whose characters have a one-character compatibility form worth finding: Kangxi radicals (common in text taken
#: from PDF files), compatibility ideographs, full-width letters and digits.
_COMPATIBILITY_RANGES = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_BLANKS = re.compile(r"\s+")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


@cache
def _fold_table() -> dict[int, str]:
    """Build once per process: traditional to simplified, compatibility forms to plain ones."""
    table = {}
    for low, high in _COMPATIBILITY_RANGES:
        for code in range(low, high + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain != chr(code):
                table[code] = plain
    converter = OpenCC("t2s")
    for traditional in _traditional_characters(converter):
        simplified = converter.convert(traditional)
        if len(simplified) == 1 and simplified != traditional:
            table[ord(traditional)] = simplified
    table.update({code: " " for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)})
    table.update(dict.fromkeys(range(55296, 57344), " "))
    return table


def _traditional_characters(converter: OpenCC) -> list[str]:
    """Return the candidates: every Han character of the two blocks that hold the traditional forms in use."""
    characters = "".join(map(chr, range(0x4E00, 0xA000)))
    simplified = converter.convert("\n".join(characters)).split("\n")
    return [before for before, after in zip(characters, simplified, strict=True) if before != after]


@cache
def _foldable() -> re.Pattern[str]:
    """Return a pattern of all characters in the table: one quick look saves the slow translation of plain text."""
    return re.compile("[" + "".join(re.escape(chr(code)) for code in sorted(_fold_table())) + "]")


def fold_text(text: str) -> str:
    """Fold a stored text, keeping its length: traditional, full-width and radical forms become plain ones."""
    return text.translate(_fold_table()) if _foldable().search(text) else text


def fold_query(text: str) -> str:
    """Fold what a user typed: NFKC, simplified, lower case, without invisible characters and repeated blanks."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _CONTROL.sub(" ", text)))
    return _BLANKS.sub(" ", fold_text(_CONTROL.sub(" ", text)).lower()).strip()


def has_han(text: str) -> bool:
    """Tell whether the text holds a Chinese character."""
    return _HAN.search(text) is not None
