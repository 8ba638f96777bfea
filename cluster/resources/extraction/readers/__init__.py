"""One reader for each kind of document that has text; called by the child, they pour what they find into a sink.

Every reader takes a path and a sink, and stops as soon as the sink is full.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from cluster.resources.extraction.kinds import DocumentKind
from cluster.resources.extraction.sink import TextSink

Reader = Callable[[Path, TextSink], None]

MODULES = {
    DocumentKind.PDF: "pdf",
    DocumentKind.DOCX: "word",
    DocumentKind.XLSX: "sheets",
    DocumentKind.PPTX: "slides",
    DocumentKind.TXT: "plain",
}


def reader_for(kind: DocumentKind) -> Reader:
    """Load the one reader that is needed: each library costs memory the document could use."""
    reader: Reader = import_module(f"{__name__}.{MODULES[kind]}").read
    return reader
