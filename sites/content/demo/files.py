"""Write the attachments of the demonstration: DOCX, XLSX, PDF, and TXT in the encoding offices still use.

Called by `articles`; the worker reads them like any uploaded file.
"""

import io

from docx import Document as WordDocument
from openpyxl import Workbook

LINE = 34  # Han characters on a line of the PDF page
LINES = 40  # lines on a page


def file_bytes(kind: str, title: str, lines: list[str]) -> bytes:
    """Write a file of the given ending."""
    return {"docx": _docx, "xlsx": _xlsx, "pdf": pdf_bytes, "txt": _txt}[kind](title, lines)


def _docx(title: str, lines: list[str]) -> bytes:
    document = WordDocument()
    document.add_heading(title, level=1)
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _xlsx(title: str, lines: list[str]) -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "演示数据"
    sheet.append([title])
    for line in lines:
        sheet.append(line.split("　"))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _txt(title: str, lines: list[str]) -> bytes:
    return "\r\n".join([title, "", *lines, ""]).encode("gb18030")


def pdf_bytes(title: str, lines: list[str]) -> bytes:
    """Write a PDF that names a standard Chinese font without carrying one: readers bring their own."""
    shown = [title, "", *(part for line in lines for part in _folded(line))]
    pages = [shown[start : start + LINES] for start in range(0, len(shown), LINES)]
    first = 6  # the objects before are catalog, page tree and the three of the font
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
        b" /FontDescriptor 5 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /ItalicAngle 0 /Ascent 880 /Descent -120"
        b" /CapHeight 880 /StemV 93 /FontBBox [-25 -254 1000 880] >>",
    ]
    for number, page in enumerate(pages):
        drawing = "".join(_drawn(line, row, is_title=not number and not row) for row, line in enumerate(page)).encode()
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (first + 2 * number + 1),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        ]
    return _assembled(objects)


def _drawn(line: str, row: int, *, is_title: bool) -> str:
    return f"BT /F1 {16 if is_title else 12} Tf 72 {770 - 18 * row} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"


def _folded(line: str) -> list[str]:
    return [line[start : start + LINE] for start in range(0, len(line), LINE)]


def _assembled(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(out),
    )
