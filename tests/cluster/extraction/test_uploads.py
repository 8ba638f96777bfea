"""An upload is what its name says, or it is refused with a sentence that helps; its honest twin passes."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from cluster.resources.extraction import DocumentKind, sniff
from cluster.resources.extraction.uploads import validate_upload
from tests.cluster.extraction import samples

HONEST = {
    "a.pdf": samples.pdf_bytes(samples.CHINESE),
    "a.docx": samples.docx_bytes(),
    "a.xlsx": samples.xlsx_bytes(),
    "a.pptx": samples.pptx_bytes(),
    "a.txt": samples.CHINESE.encode("gbk"),
    "a.csv": "编号,名称\n1,甲".encode(),
    "a.doc": samples.ole_bytes("WordDocument"),
    "a.xls": samples.ole_bytes("Workbook"),
    "a.ppt": samples.ole_bytes("Current User", "PowerPoint Document"),
    "a.ofd": samples.zip_of({"OFD.xml": b"<ofd/>"}),
    "a.zip": samples.zip_of({"a.txt": b"a"}),
}


@pytest.mark.parametrize("filename", HONEST)
def test_honest_files_pass(filename: str) -> None:
    """Every allowed kind is accepted, and the stream is left at its start for whoever stores it."""
    upload = SimpleUploadedFile(filename, HONEST[filename])
    assert validate_upload(upload, filename) == DocumentKind(filename[2:])
    assert upload.read() == HONEST[filename]
    assert sniff(HONEST[filename], filename) == DocumentKind(filename[2:])


@pytest.mark.parametrize(
    ("filename", "data", "word"),
    [
        ("通知.pdf", samples.PROGRAM, "可执行程序"),
        ("通知.docx", samples.PAGE, "网页"),
        ("通知.txt", samples.PAGE, "网页"),
        ("通知.txt", samples.PROGRAM, "可执行程序"),
        ("通知.csv", HONEST["a.xlsx"], "XLSX"),
        ("通知.docx", HONEST["a.xlsx"], "Excel"),
        ("通知.pdf", HONEST["a.docx"], "Word"),
        ("通知.docx", HONEST["a.zip"], "ZIP"),
        ("通知.xls", HONEST["a.doc"], "DOC"),
        ("通知.docx", samples.ole_bytes("EncryptedPackage"), "密码"),
        ("通知.docx", HONEST["a.docx"][:300], "损坏"),
        ("通知.pdf", b"", "空文件"),
        ("图.pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 300, "图片"),
        ("通知.pdf", b"padding " * 20 + b"%PDF-1.7", "纯文本"),
        ("通知.docx", samples.office_zip(b"", types="wordprocessingml.document.macroEnabled"), "宏"),
    ],
)
def test_files_that_are_not_what_they_say(filename: str, data: bytes, word: str) -> None:
    """The message names the file and says what its content is."""
    with pytest.raises(ValidationError) as refusal:
        validate_upload(BytesIO(data), filename)
    assert filename in refusal.value.messages[0]
    assert word in refusal.value.messages[0]


@pytest.mark.parametrize("filename", ["a.exe", "a.html", "a.svg", "a.pdf.js", "a", "a.docm", ".pdf"])
def test_forbidden_endings(filename: str) -> None:
    """What is not on the list is refused whatever it holds, and the list is told."""
    with pytest.raises(ValidationError, match="允许的类型"):
        validate_upload(BytesIO(HONEST["a.pdf"]), filename)


@pytest.mark.parametrize("filename", ["a\u202efdp.txt", "a\x00.txt", "a\n.txt"])
def test_deceptive_names(filename: str) -> None:
    """A name must read in the list as it is stored."""
    with pytest.raises(ValidationError, match="控制字符"):
        validate_upload(BytesIO(b"text"), filename)


def test_words_that_look_like_signatures_are_text() -> None:
    """A text may begin with the letters of a program or a picture."""
    for words in ("MZ地区工作要点", "BM计划", "CWS项目"):
        assert sniff(words.encode(), "a.txt") == DocumentKind.TXT


def test_giant_table_of_contents_is_not_loaded(tmp_path: Path) -> None:
    """A ZIP whose table is of many megabytes is told by its end record alone."""
    data = bytearray(HONEST["a.docx"])
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(ValidationError, match="目录异常"):
        validate_upload(path, "a.docx")
