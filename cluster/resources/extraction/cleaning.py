"""Make extracted text fit for a database column and for search.

Called by the child on everything a reader found, before it leaves the process.
"""

import re
import unicodedata

# PostgreSQL refuses NUL, UTF-8 refuses lone surrogates, and no reader of the text can use a control character.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\U000fffff]")
# PDF producers like to write radicals (⼀) and compatibility forms in place of the characters people type (一).
LOOKALIKES = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
MANY_BREAKS = re.compile(r"\n{3,}")
LETTER = "\u3400-\u9fff〇"
# A line that ends a sentence or closes a bracket was not torn: its end is the author's.
BROKEN_OFF = f"{LETTER}，、（《“‘"
TORN_WORDS = re.compile(f"(?<=[{BROKEN_OFF}])[ \t]*(?:\n[ \t]*)?(?=[{LETTER}\u3001-\u3011\uff00-\uffef“”‘’])")
TORN_FIGURES = re.compile(f"(?<=[{LETTER}])\n(?=[0-9])|(?<=[0-9])\n(?=[{LETTER}])")


def clean_text(text: str) -> str:
    """Drop what cannot be stored and shorten runs of blank lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    text = UNWANTED.sub("", text)
    text = LOOKALIKES.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))  # a pattern would take square time on a run of blanks
    return MANY_BREAKS.sub("\n\n", text).strip()


def join_han_lines(text: str) -> str:
    """Join Chinese words and figures that the lines of a page tore apart, or search would not find them."""
    return TORN_FIGURES.sub("", TORN_WORDS.sub("", text))
