"""Tell by its content what a file is, whatever its name says.

Called by the upload form before a file is kept, and again by the extracting child. Everything read here is bounded,
for at upload time it runs in the web process.
"""

import io
from pathlib import Path
from typing import BinaryIO

import filetype

from cluster.resources.extraction.containers import ole_content, zip_content
from cluster.resources.extraction.content import Content
from cluster.resources.extraction.encodings import UnknownEncoding, decode_text
from cluster.resources.extraction.kinds import ALLOWED_NAMES, DocumentKind, kind_of_name

HEAD_BYTES = 64 * 1024
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
# Windows, Linux, Java and macOS programs, Windows shortcuts. Some are letters a text may begin with, but for the NULs.
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"L\0\0\0\x01\x14\x02\0")
WEB_PAGE_STARTS = ("<!doctype html", "<html", "<head", "<body", "<script", "<svg", "<iframe", "<?php", "<%")
XML_WITH_SCRIPT = ("<html", "<svg", "<script")
OTHER_STARTS = {"#!": "脚本程序", "@echo off": "脚本程序", "{\\rtf": "RTF 文档", "%!ps": "PostScript 文档"}
# Signs that turn a name around or hide its ending in the list an editor sees.
DECEPTIVE = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


class UnfitDocument(ValueError):
    """A file that must not become an attachment; the text says why and what to do, in Chinese."""


def check_document(source: Path | bytes | BinaryIO, filename: str) -> DocumentKind:
    """Give the kind of an attachment whose content is what its name promises.

    Raises UnfitDocument for a forbidden type, an empty file, or a content that is something else.
    """
    if any(sign in DECEPTIVE or ord(sign) < 32 for sign in filename):
        raise UnfitDocument("文件名含有不可见的控制字符，请改名后重新上传。")
    promised = kind_of_name(filename)
    if promised is None:
        raise UnfitDocument(f"不支持这种类型的附件：“{filename}”。允许的类型：{ALLOWED_NAMES}。请转换格式后上传。")
    content = content_of(source)
    if content.is_empty and not promised.is_text:
        raise UnfitDocument(f"“{filename}”是空文件，请重新选择文件。")
    if content.is_empty or _keeps_promise(promised, content.kind):
        return promised
    raise UnfitDocument(
        f"“{filename}”不是{promised.label}，它的内容是{content.label}。请核对文件，或改用与内容相符的扩展名。"
    )


def sniff(source: Path | bytes | BinaryIO, filename: str = "") -> DocumentKind | None:
    """Tell the kind of a whole file by its content; None when it is none of ours.

    The name only decides between kinds whose contents look the same (TXT and CSV).
    """
    kind = content_of(source).kind
    return DocumentKind.CSV if kind == DocumentKind.TXT and kind_of_name(filename) == DocumentKind.CSV else kind


def content_of(source: Path | bytes | BinaryIO) -> Content:
    """Look at the first bytes and, for containers, at the table of contents. Leaves a given stream at its start."""
    if isinstance(source, bytes):
        return _content(io.BytesIO(source))
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return _content(stream)
    try:
        return _content(source)
    finally:
        source.seek(0)


def _keeps_promise(promised: DocumentKind, found: DocumentKind | None) -> bool:
    if promised == DocumentKind.CSV:
        return found == DocumentKind.TXT
    if promised == DocumentKind.ZIP:
        return found in {DocumentKind.ZIP, DocumentKind.DOCX, DocumentKind.XLSX, DocumentKind.PPTX, DocumentKind.OFD}
    return found == promised


def _content(stream: BinaryIO) -> Content:
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if not head:
        return Content(None, "空文件", is_empty=True)
    if head.startswith(PROGRAMS) and b"\0" in head:
        return Content(None, "可执行程序")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:5] == b"%PDF-":
        return Content(DocumentKind.PDF)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return zip_content(stream)
    if head.startswith(OLE_MAGIC):
        return ole_content(stream)
    return _text_content(head)


def _text_content(head: bytes) -> Content:
    try:
        text = decode_text(head)
    except UnknownEncoding:
        return Content(None, _binary_label(head))
    start = text[:2000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith(WEB_PAGE_STARTS) or (
        start.startswith(("<?xml", "<!--")) and any(sign in start for sign in XML_WITH_SCRIPT)
    ):
        return Content(None, "网页或脚本代码")
    for sign, label in OTHER_STARTS.items():
        if start.startswith(sign):
            return Content(None, label)
    return Content(DocumentKind.TXT)


def _binary_label(head: bytes) -> str:
    known = filetype.guess(head)
    if known is None:
        return "无法识别的二进制数据"
    families = {"image": "图片", "video": "视频", "audio": "音频", "font": "字体"}
    return f"{families.get(known.mime.partition('/')[0], '其他类型文件')}（{known.extension.upper()}）"
