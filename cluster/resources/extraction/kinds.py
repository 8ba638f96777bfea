"""The kinds of attachment a site accepts, told by the ending of the file name.

Used by the sniffer, the readers and the upload form. Adding a kind here is enough to allow its upload.
"""

from enum import StrEnum
from pathlib import PurePath


class DocumentKind(StrEnum):
    """A kind of attachment; the value is the ending of its file name."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    TXT = "txt"
    DOC = "doc"
    XLS = "xls"
    PPT = "ppt"
    OFD = "ofd"
    ZIP = "zip"
    CSV = "csv"

    @property
    def label(self) -> str:
        """Name the kind for people."""
        return LABELS[self]

    @property
    def is_text(self) -> bool:
        """Tell whether the file is bare text, which has no signature to go by."""
        return self in {DocumentKind.TXT, DocumentKind.CSV}

    @property
    def has_reader(self) -> bool:
        """Tell whether text is taken from this kind; the others can be uploaded and found by their title."""
        return self in READABLE


LABELS = {
    DocumentKind.PDF: "PDF 文档",
    DocumentKind.DOCX: "Word 文档（DOCX）",
    DocumentKind.XLSX: "Excel 工作簿（XLSX）",
    DocumentKind.PPTX: "PowerPoint 演示文稿（PPTX）",
    DocumentKind.TXT: "纯文本（TXT）",
    DocumentKind.DOC: "旧版 Word 文档（DOC）",
    DocumentKind.XLS: "旧版 Excel 工作簿（XLS）",
    DocumentKind.PPT: "旧版 PowerPoint 演示文稿（PPT）",
    DocumentKind.OFD: "OFD 版式文档",
    DocumentKind.ZIP: "ZIP 压缩包",
    DocumentKind.CSV: "CSV 表格",
}

READABLE = frozenset({DocumentKind.PDF, DocumentKind.DOCX, DocumentKind.XLSX, DocumentKind.PPTX, DocumentKind.TXT})

ALLOWED_NAMES = "、".join(kind.value.upper() for kind in DocumentKind)


def kind_of_name(filename: str) -> DocumentKind | None:
    """Read the kind promised by the file name; None for an ending that is not allowed."""
    ending = PurePath(filename).suffix.lower().removeprefix(".")
    return DocumentKind(ending) if ending in set(DocumentKind) else None
