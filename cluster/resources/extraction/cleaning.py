"""Make extracted text fit for a database column and for search.

Called by the child on everything a reader found, before it leaves the process.
"""

import re
import unicodedata

# PostgreSQL refuses NUL, UTF-8 refuses lone surrogates, and no reader of the text can use a control character.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\U000fffff]")
# PDF producers like to write radicals (⼀) and compatibility forms in place of the characters people type (一).
LOOKALIKES = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
SPACES_AT_END = re.compile(r"[ \t\u3000\xa0]+\n")
MANY_BREAKS = re.compile(r"\n{3,}")
HAN = "\u3400-\u9fff\uff00-\uffef\u3001-\u3011“”‘’〇"
BREAK_INSIDE_SENTENCE = re.compile(f"(?<=[{HAN}])[ \t]*\n?[ \t]*(?=[{HAN}])")


def clean_text(text: str) -> str:
    """Drop what cannot be stored and shorten runs of blank lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    text = UNWANTED.sub("", text)
    text = LOOKALIKES.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return MANY_BREAKS.sub("\n\n", SPACES_AT_END.sub("\n", text)).strip()


def join_han_lines(text: str) -> str:
    """Join Chinese words that a page layout tore apart; blank lines, which part paragraphs, stay."""
    return BREAK_INSIDE_SENTENCE.sub("", text)
