"""Walk the XML of an office part and give its visible words in reading order.

Used by the readers of Word and PowerPoint: walking finds text boxes, tables and notes alike, which their
libraries' object models reach only in part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


@dataclass(frozen=True)
class Vocabulary:
    """The element names of one markup language."""

    text: str
    paragraph: str
    gaps: tuple[str, ...]


WORD_VOCABULARY = Vocabulary(WORD + "t", WORD + "p", (WORD + "tab", WORD + "br", WORD + "cr"))
DRAWING_VOCABULARY = Vocabulary(DRAWING + "t", DRAWING + "p", (DRAWING + "br",))


def visible_text(root: Any, words: Vocabulary) -> Iterator[str]:
    """Yield pieces of text, a line break after each paragraph.

    The fallback of an alternative repeats the same text for old programs, so it is passed over.
    """
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            if element.tag == FALLBACK:
                walker.skip_subtree()
            elif element.tag == words.text:
                yield element.text or ""
            elif element.tag in words.gaps:
                yield "\t"
        elif element.tag == words.paragraph:
            yield "\n"
