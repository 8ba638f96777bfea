"""Each kind of document gives its text, whole path included: file, child process, answer."""

from pathlib import Path

import pytest

from cluster.resources.extraction import Extraction, ExtractionState, Limits, extract_text
from tests.cluster.extraction import samples


def extract(folder: Path, data: bytes, filename: str, limits: Limits | None = None) -> Extraction:
    """Store bytes as the media folder would, under another name, and extract them."""
    path = folder / "stored"
    path.write_bytes(data)
    return extract_text(path, filename, limits or Limits())


@pytest.mark.parametrize(
    ("filename", "data", "expected"),
    [
        ("通知.docx", samples.docx_bytes(), [samples.CHINESE, "表格里的字", "页眉里的字"]),
        ("经费.xlsx", samples.xlsx_bytes(), [samples.CHINESE, "12\t是", "经费表"]),
        ("汇报.pptx", samples.pptx_bytes(), [samples.CHINESE, "备注里的字"]),
        ("通知.PDF", samples.pdf_bytes(samples.CHINESE, "第二行"), [samples.CHINESE + "第二行"]),
        ("通知.txt", samples.CHINESE.encode("gbk"), [samples.CHINESE]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_text_is_found(tmp_path: Path, filename: str, data: bytes, expected: list[str]) -> None:
    """Chinese words of every part of the document arrive."""
    found = extract(tmp_path, data, filename)
    assert found.state == ExtractionState.DONE, found.reason
    for piece in expected:
        assert piece in found.text
    assert found.reason == ""


def test_lines_of_a_page_do_not_tear_words(tmp_path: Path) -> None:
    """Words and figures run on over the end of a line; headings and paragraphs that ended stay apart."""
    data = samples.pdf_bytes(
        "通知（附件）", "各市：", "确定15", "个单位为示范", "点，", "共2026", "元。", "English", "words"
    )
    found = extract(tmp_path, data, "a.pdf")
    assert found.text == "通知（附件）\n各市：\n确定15个单位为示范点，共2026元。\nEnglish\nwords"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_files_in_the_encodings_of_offices(tmp_path: Path, encoding: str) -> None:
    """UTF-8, GBK, GB18030 and UTF-16 are told apart without being told."""
    text = "各市（地）人民政府（行署）：\n为做好今年防汛工作，现通知如下。\n一、落实责任。2026年6月1日前完成。"
    found = extract(tmp_path, text.encode(encoding), "通知.txt")
    assert (found.state, found.text) == (ExtractionState.DONE, text)


def test_rare_characters_of_gb18030(tmp_path: Path) -> None:
    """Names with rare characters, four bytes in GB18030, survive."""
    text = "㐂先生与䶮女士参加了座谈会，会议由办公室主持。"
    assert extract(tmp_path, text.encode("gb18030"), "名单.txt").text == text


def test_binary_named_txt_is_refused_and_its_twin_passes(tmp_path: Path) -> None:
    """Random bytes are no text in any encoding; the same name with words is fine."""
    noise = bytes((index * 37 + index // 7) % 256 for index in range(4000))
    assert extract(tmp_path, noise, "a.txt").state == ExtractionState.REFUSED
    assert extract(tmp_path, "正常文字".encode(), "a.txt").state == ExtractionState.DONE


def test_scanned_pdf_is_done_without_text(tmp_path: Path) -> None:
    """A scan has nothing to read; the editor gets a note, and nobody tries again."""
    found = extract(tmp_path, samples.scanned_pdf(), "扫描.pdf")
    assert (found.state, found.text, found.retry) == (ExtractionState.DONE, "", False)
    assert "扫描件" in found.reason


def test_kinds_without_reader_are_done_without_text(tmp_path: Path) -> None:
    """An old Word file is allowed and findable by its title only."""
    found = extract(tmp_path, samples.ole_bytes("WordDocument"), "旧文.doc")
    assert (found.state, found.text) == (ExtractionState.DONE, "")
    assert "标题" in found.reason


def test_text_is_fit_for_the_database(tmp_path: Path) -> None:
    """NULs, controls and byte-order marks go; Kangxi radicals become the characters people type."""
    found = extract(tmp_path, b"\xef\xbb\xbf" + "一\x01二\x7f三\u2f00\ufeff\n\n\n\n四 \n".encode(), "a.txt")
    assert found.text == "一二三一\n\n四"


def test_lone_surrogates_are_removed(tmp_path: Path) -> None:
    """A PDF map may yield half a pair, which neither UTF-8 nor PostgreSQL can hold."""
    data = samples.pdf_bytes("甲乙丙").replace("乙".encode("utf-16-be").hex().encode(), b"d83d")
    found = extract(tmp_path, data, "a.pdf")
    assert found.state == ExtractionState.DONE
    found.text.encode()
    assert "甲" in found.text
    assert "丙" in found.text


def test_long_text_is_cut_with_a_note(tmp_path: Path) -> None:
    """The answer is bounded; its beginning is kept."""
    found = extract(tmp_path, ("字" * 5000).encode(), "长.txt", Limits(output_chars=1000))
    assert (found.state, len(found.text)) == (ExtractionState.DONE, 1000)
    assert "前 1000 字" in found.reason
