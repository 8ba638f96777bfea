"""Real files for the extraction tests, written by the libraries offices use, or by hand where the file must be odd.

Used by the tests of this folder only.
"""

import io
import struct
import zipfile
import zlib

from docx import Document
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

CHINESE = "关于做好春耕备耕工作的通知"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\0" * 200 + b"This program cannot be run in DOS mode."
PAGE = "<!DOCTYPE html><html><body><script>alert(1)</script>登录</body></html>".encode()


def docx_bytes(text: str = CHINESE, cell: str = "表格里的字", header: str = "页眉里的字") -> bytes:
    """Write a Word document with a paragraph, a table and a header."""
    document = Document()
    document.add_paragraph(text)
    document.add_table(rows=1, cols=1).cell(0, 0).text = cell
    document.sections[0].header.paragraphs[0].text = header
    return _saved(document)


def xlsx_bytes(*rows: tuple[object, ...], title: str = "经费表") -> bytes:
    """Write a workbook with one sheet."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows or ((CHINESE, 12.0, True),):
        sheet.append(row)
    return _saved(workbook)


def pptx_bytes(text: str = CHINESE, note: str = "备注里的字") -> bytes:
    """Write a presentation of one slide with a text box and a note."""
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    slide.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1)).text_frame.text = text
    slide.notes_slide.notes_text_frame.text = note
    return _saved(presentation)


def pdf_bytes(*lines: str, extra: bytes = b"") -> bytes:
    """Write a PDF page whose glyph numbers mean nothing without its ToUnicode map, as subset fonts have it."""
    letters = sorted(set("".join(lines)))
    glyph = {letter: number for number, letter in enumerate(letters, start=1)}
    shown = "".join(
        f"BT /F1 12 Tf 50 {780 - 20 * row} Td <{''.join(f'{glyph[c]:04x}' for c in line)}> Tj ET\n"
        for row, line in enumerate(lines)
    )
    mapping = "\n".join(f"<{number:04x}> <{letter.encode('utf-16-be').hex()}>" for letter, number in glyph.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(glyph)} beginbfchar\n{mapping}\nendbfchar endcmap end end"
    )
    system = "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    font = f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Demo /CIDSystemInfo {system} >>"
    return pdf_of(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        stream_of(shown.encode() + extra),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Demo /Encoding /Identity-H"
        b" /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        font.encode(),
        stream_of(cmap.encode()),
    )


def pdf_of(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Put numbered objects into a PDF file with a right cross-reference table."""
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)


def stream_of(data: bytes, *, packed: bool = False) -> bytes:
    """Wrap data as a PDF stream object."""
    if packed:
        data = zlib.compress(data, 9)
    names = b"/Filter /FlateDecode " if packed else b""
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (names, len(data), data)


def scanned_pdf() -> bytes:
    """Write a page that shows only a grey picture."""
    return pdf_of(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R >>",
        stream_of(b"0.5 g 0 0 595 842 re f"),
    )


def deep_pdf(depth: int = 5000) -> bytes:
    """Write a page tree that is a chain of `depth` nodes."""
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 3) for number in range(depth)]
    return pdf_of(b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, b"<< /Type /Page >>")


def office_zip(main: bytes, *, types: str = "wordprocessingml.document", name: str = "word/document.xml") -> bytes:
    """Pack one main part into an office container."""
    schemas = "http://schemas.openxmlformats.org"
    content_types = (
        f'<?xml version="1.0"?><Types xmlns="{schemas}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{name}"'
        f' ContentType="application/vnd.openxmlformats-officedocument.{types}.main+xml"/></Types>'
    )
    relations = (
        f'<?xml version="1.0"?><Relationships xmlns="{schemas}/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{schemas}/officeDocument/2006/relationships/officeDocument"'
        f' Target="{name}"/></Relationships>'
    )
    return zip_of({"[Content_Types].xml": content_types.encode(), "_rels/.rels": relations.encode(), name: main})


def zip_of(parts: dict[str, bytes]) -> bytes:
    """Pack parts into a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def ole_bytes(*streams: str) -> bytes:
    """Write a small OLE file with empty streams: header, one allocation table, one directory."""
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<LLLLLLLLL", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109L", 0, *([0xFFFFFFFF] * 108))
    table = struct.pack("<128L", 0xFFFFFFFD, 0xFFFFFFFE, *([0xFFFFFFFF] * 126))
    entries = [_ole_entry("Root Entry", 5, child=1)]
    for number, name in enumerate(streams, start=1):
        entries.append(_ole_entry(name, 2, right=number + 1 if number < len(streams) else 0xFFFFFFFF))
    return header + table + b"".join(entries).ljust(512, b"\0")


def _ole_entry(name: str, kind: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    spelled = name.encode("utf-16-le") + b"\0\0"
    return (
        spelled.ljust(64, b"\0")
        + struct.pack("<HBB", len(spelled), kind, 1)
        + struct.pack("<LLL", 0xFFFFFFFF, right, child)
        + b"\0" * 36
        + struct.pack("<LLL", 0xFFFFFFFE, 0, 0)
    )


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()
