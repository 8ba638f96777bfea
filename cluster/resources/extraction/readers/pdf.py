"""Read PDF documents page by page with pypdf.

Called by the child through `reader_for`.
"""

import logging
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from cluster.resources.extraction.cleaning import join_han_lines
from cluster.resources.extraction.failure import UnreadableDocument
from cluster.resources.extraction.sink import TextSink

ENCRYPTED = "PDF 设了打开密码，无法读取文字；请上传未加密的文件。"


def read(path: Path, sink: TextSink) -> None:
    """Pour out the text layer of every page; a broken page is skipped and noted."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    with path.open("rb") as stream:
        reader = PdfReader(stream, strict=False)
        _unlock(reader)
        found = False
        for page in reader.pages:
            if sink.is_full:
                break
            try:
                text = join_han_lines(page.extract_text())
            except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
                sink.note("有页面损坏，未能读取。")
                continue
            found = found or bool(text.strip())
            sink.add(text + "\n\n")
    if not found:
        sink.note("PDF 中没有文字层（可能是扫描件），只能按标题找到。")


def _unlock(reader: PdfReader) -> None:
    """Open documents that only restrict printing or copying: their reading password is empty."""
    if not reader.is_encrypted:
        return
    try:
        opened = reader.decrypt("")
    except (DependencyError, PyPdfError, ValueError, KeyError) as error:
        raise UnreadableDocument(ENCRYPTED) from error
    if not opened:
        raise UnreadableDocument(ENCRYPTED)
