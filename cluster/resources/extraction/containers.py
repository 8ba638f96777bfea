"""Look into the two containers office documents come in: ZIP (DOCX, XLSX, PPTX, OFD) and OLE (DOC, XLS, PPT).

Called by the sniffer. Reads the table of contents only, after checking that the table itself is of a sane size.
"""

import struct
import zipfile
from typing import BinaryIO

import olefile

from cluster.resources.extraction.content import Content
from cluster.resources.extraction.kinds import DocumentKind

END_RECORD = b"PK\x05\x06"
END_RECORD_SPAN = 22 + 0xFFFF
BIG_END_RECORD = b"PK\x06\x07"
MAX_TABLE_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_RATIO = 200
SMALL_BYTES = 20 * 1024 * 1024
CONTENT_TYPES = "[Content_Types].xml"
MAIN_PARTS = {
    b"wordprocessingml.document.main+xml": DocumentKind.DOCX,
    b"spreadsheetml.sheet.main+xml": DocumentKind.XLSX,
    b"presentationml.presentation.main+xml": DocumentKind.PPTX,
}
STREAMS = {
    "worddocument": DocumentKind.DOC,
    "workbook": DocumentKind.XLS,
    "book": DocumentKind.XLS,
    "powerpoint document": DocumentKind.PPT,
}


def zip_content(stream: BinaryIO) -> Content:
    """Tell what a ZIP file holds, or that it is broken or a bomb."""
    problem = _table_problem(stream)
    if problem:
        return Content(None, problem)
    try:
        with zipfile.ZipFile(stream) as archive:
            return _archive_content(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, struct.error):
        return Content(None, "损坏的压缩包")


def unpacked_bytes(archive: zipfile.ZipFile) -> int:
    """Sum the sizes the table promises; Python's reader never gives out more than that."""
    return sum(entry.file_size for entry in archive.infolist())


def ole_content(stream: BinaryIO) -> Content:
    """Tell which program wrote an OLE file, or that it is encrypted or broken."""
    stream.seek(0)
    try:
        with olefile.OleFileIO(stream) as ole:
            names = {entry[0].lower() for entry in ole.listdir(streams=True, storages=False)}
    except Exception:  # a parser of hostile binary data: whatever it stumbles over, the file is broken
        return Content(None, "损坏的旧版 Office 文件")
    if "encryptedpackage" in names:
        return Content(None, "加密的 Office 文档（请先去掉打开密码）")
    for name, kind in STREAMS.items():
        if name in names:
            return Content(kind)
    return Content(None, "其他 OLE 文件（不是 Word、Excel 或 PowerPoint）")


def _table_problem(stream: BinaryIO) -> str:
    """Read the end record by hand: `zipfile` would load a table of any size into memory."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - END_RECORD_SPAN))
    tail = stream.read()
    at = tail.rfind(END_RECORD)
    if at < 0 or len(tail) < at + 22:
        return "损坏的压缩包"
    if tail[max(0, at - 20) : at].startswith(BIG_END_RECORD):
        return "过大的压缩包（ZIP64）"
    (table_bytes,) = struct.unpack("<L", tail[at + 12 : at + 16])
    return "目录异常庞大的压缩包" if table_bytes > MAX_TABLE_BYTES else ""


def _archive_content(archive: zipfile.ZipFile) -> Content:
    unpacked = unpacked_bytes(archive)
    packed = sum(entry.compress_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > SMALL_BYTES and unpacked > packed * MAX_RATIO):
        return Content(None, "解压后体积异常的压缩包")
    names = set(archive.namelist())
    if CONTENT_TYPES in names:
        return _office_content(archive)
    return Content(DocumentKind.OFD if "OFD.xml" in names else DocumentKind.ZIP)


def _office_content(archive: zipfile.ZipFile) -> Content:
    with archive.open(CONTENT_TYPES) as part:
        types = part.read(1024 * 1024)
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in archive.namelist()):
        return Content(None, "带宏的 Office 文档（请另存为不带宏的格式）")
    for sign, kind in MAIN_PARTS.items():
        if sign in types:
            return Content(kind)
    return Content(None, "其他 Office 文件（不是 DOCX、XLSX 或 PPTX）")
