"""Read Word documents (DOCX) with python-docx: body, text boxes, headers, footers, foot- and endnotes.

Called by the child through `reader_for`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from lxml import etree

from cluster.resources.extraction.readers.markup import WORD_VOCABULARY, visible_text
from cluster.resources.extraction.sink import TextSink

SIDE_PARTS = (
    RELATIONSHIP_TYPE.HEADER,
    RELATIONSHIP_TYPE.FOOTER,
    RELATIONSHIP_TYPE.FOOTNOTES,
    RELATIONSHIP_TYPE.ENDNOTES,
)


def read(path: Path, sink: TextSink) -> None:
    """Pour out the body first, then what stands at the margins."""
    document = Document(str(path))
    for root in (document.element.body, *_side_roots(document)):
        for piece in visible_text(root, WORD_VOCABULARY):
            if sink.is_full:
                return
            sink.add(piece)


def _side_roots(document: Any) -> Iterator[Any]:
    for kind in SIDE_PARTS:
        for relation in document.part.rels.values():
            if relation.reltype == kind and not relation.is_external:
                yield _root_of(relation.target_part)


def _root_of(part: Any) -> Any:
    """Give the XML of a part; the library parses headers but leaves notes as bytes."""
    if hasattr(part, "element"):
        return part.element
    return etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
