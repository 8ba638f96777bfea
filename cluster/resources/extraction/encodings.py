"""Decode Chinese text files whose encoding nobody wrote down: UTF-8, GBK and GB18030, UTF-16 with or without a mark.

Called by the reader of plain text and by the sniffer. A byte-order mark wins, then strict UTF-8, then whichever
Chinese encoding gives the most everyday characters, then what charset-normalizer believes.
"""

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CANDIDATES = ("gb18030", "utf-16-le", "utf-16-be", "big5")
PLAUSIBLE = 0.85
SAMPLE_BYTES = 64 * 1024
CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
PUNCTUATION = re.compile("[\t\n\r\x20-\x7e\xa0-\xff\u2010-\u2040\u2190-\u22ff\u2460-\u25ff\u3000-\u303f\uff00-\uffef]")


class UnknownEncoding(ValueError):
    """The bytes are not text in an encoding we know."""


def decode_text(data: bytes) -> str:
    """Decode the bytes of a text file; a character cut off at the end is dropped.

    Raises UnknownEncoding for bytes that are no text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], encoding, errors="replace")
    return _decode(data, _encoding_of(data))


def _encoding_of(data: bytes) -> str:
    if b"\0" not in data and _fits(data, "utf-8"):
        return "utf-8"
    sample = data[:SAMPLE_BYTES]
    scores = {candidate: _plausibility(sample, candidate) for candidate in CANDIDATES}
    best = max(CANDIDATES, key=scores.__getitem__)  # of equals the first
    if scores[best] >= PLAUSIBLE and _fits(data, best):
        return best
    return _guess(sample, data)


def _guess(sample: bytes, data: bytes) -> str:
    from charset_normalizer import from_bytes  # heavy, and seldom needed

    best = None if b"\0" in sample else from_bytes(sample).best()
    if best is None or CONTROLS.search(str(best)) or not _fits(data, best.encoding):
        raise UnknownEncoding("文件不是可以识别的文本（支持 UTF-8、GBK、GB18030、UTF-16）。")
    return best.encoding


def _fits(data: bytes, encoding: str) -> bool:
    try:
        _decode(data, encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def _decode(data: bytes, encoding: str, errors: str = "strict") -> str:
    return codecs.getincrementaldecoder(encoding)(errors).decode(data, final=False)


def _plausibility(sample: bytes, encoding: str) -> float:
    """Tell which share of the characters people really write; misread text is full of rare ones."""
    try:
        text = _decode(sample, encoding)
    except UnicodeError:
        return 0.0
    if not text or CONTROLS.search(text):
        return 0.0
    return sum(map(_is_everyday, text)) / len(text)


def _is_everyday(character: str) -> bool:
    if PUNCTUATION.match(character):
        return True
    try:  # the first level of GB 2312 and of Big5: the characters taught at school
        if 0xB0 <= character.encode("gb2312")[0] <= 0xD7:
            return True
    except UnicodeEncodeError:
        pass
    try:
        return 0xA4 <= character.encode("big5")[0] <= 0xC6
    except UnicodeEncodeError:
        return False
