"""Files made to hurt end well: the answer comes, in time, with a reason; the same kind of honest file passes."""

import os
import random
import time
from pathlib import Path

import pytest

from cluster.resources.extraction import Extraction, ExtractionState, Limits, cleaning, extract_text, runner
from tests.cluster.extraction import samples
from tests.cluster.extraction.test_readers import extract

SMALL = Limits(cpu_seconds=3, wall_seconds=6)


def test_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    """A part of a gigabyte of blanks inside a small DOCX."""
    bomb = samples.office_zip(b" " * (600 * 1024 * 1024))
    found = extract(tmp_path, bomb, "炸弹.docx")
    assert (found.state, found.retry) == (ExtractionState.REFUSED, False)
    assert extract(tmp_path, samples.docx_bytes(), "正常.docx").state == ExtractionState.DONE


def test_memory_is_limited_and_may_be_tried_again(tmp_path: Path) -> None:
    """A document that needs more memory than allowed fails alone, not with the worker."""
    words = random.Random(1).choices("甲乙丙丁戊己庚辛壬癸", k=1_500_000)  # too varied to look like a bomb
    rows = "".join(f"<w:p><w:r><w:t>{word}</w:t></w:r></w:p>" for word in words)
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    heavy = samples.office_zip(f"<w:document {namespace}><w:body>{rows}</w:body></w:document>".encode())
    found = extract(tmp_path, heavy, "大.docx", Limits(memory=256 * 1024 * 1024))
    assert (found.state, found.text, found.retry) == (ExtractionState.FAILED, "", True)
    assert "内存" in found.reason


def test_entity_bomb_is_no_text_and_no_harm(tmp_path: Path) -> None:
    """Nested entities are not unfolded."""
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "笑">{lines}]>'
        f"<w:document {namespace}><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>"
    )
    found = extract(tmp_path, samples.office_zip(xml.encode()), "实体.docx", SMALL)
    assert "笑笑" not in found.text


def test_external_entity_reads_no_file(tmp_path: Path) -> None:
    """A document cannot quote the server's own files."""
    secret = tmp_path / "secret.txt"
    secret.write_text("机密内容")
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file://{secret}">]>'
        f"<w:document {namespace}><w:body><w:p><w:r><w:t>正文&x;</w:t></w:r></w:p></w:body></w:document>"
    )
    assert "机密内容" not in extract(tmp_path, samples.office_zip(xml.encode()), "外部.docx").text


def test_deep_pdf_ends(tmp_path: Path) -> None:
    """A page tree five thousand levels deep fails or is read, but ends."""
    found = extract(tmp_path, samples.deep_pdf(), "深.pdf", SMALL)
    assert found.state in {ExtractionState.FAILED, ExtractionState.DONE}
    assert found.reason


def test_pdf_page_that_unpacks_without_end(tmp_path: Path) -> None:
    """A content stream of half a gigabyte in half a megabyte."""
    packed = samples.stream_of(b"q Q " * (100 * 1024 * 1024), packed=True)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    tree = (b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    found = extract(tmp_path, samples.pdf_of(*tree, page, packed), "胀.pdf", SMALL)
    assert found.text == ""
    assert found.reason


def test_endless_work_is_cut_short(tmp_path: Path) -> None:
    """Five million drawing commands cost more time than allowed: the child is stopped and the worker lives."""
    started = time.monotonic()
    extra = b"BT /F1 1 Tf 1 1 Td <0001> Tj ET\n" * 2_000_000
    found = extract(tmp_path, samples.pdf_bytes("字", extra=extra), "慢.pdf", Limits(cpu_seconds=1, wall_seconds=4))
    assert time.monotonic() - started < 10
    assert (found.state, found.retry) == (ExtractionState.FAILED, True)
    assert "超时" in found.reason


def test_a_million_blanks_take_no_time(tmp_path: Path) -> None:
    """Cleaning is linear: a run of blanks is not looked at from each of its places."""
    blanks = ("字" + " " * 1_000_000 + "字").encode()
    assert extract(tmp_path, blanks, "空.txt", SMALL).state == ExtractionState.DONE
    assert cleaning.join_han_lines(blanks.decode()) == "字字"


def test_sleeping_child_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that uses no time of the processor is bounded by the clock on the wall."""
    monkeypatch.setattr(runner.sys, "executable", str(_script(tmp_path, "sleep 60")))
    found = extract(tmp_path, b"x", "a.txt", Limits(wall_seconds=1))
    assert (found.state, found.retry) == (ExtractionState.FAILED, True)


@pytest.mark.parametrize(
    "command", ["kill -9 $$", "kill -11 $$", "exit 3", "echo nonsense", "head -c 999999999 /dev/zero"]
)
def test_dead_or_mad_child_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """However the child ends, the worker gets a failure it may retry, with a reason in Chinese."""
    monkeypatch.setattr(runner.sys, "executable", str(_script(tmp_path, command)))
    found = extract(tmp_path, b"x", "a.txt")
    assert (found.state, found.retry) == (ExtractionState.FAILED, True)
    assert found.reason


def test_pipe_and_device_are_not_read(tmp_path: Path) -> None:
    """An endless file is refused before it is opened."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert extract_text(pipe, "a.txt").state == ExtractionState.REFUSED
    assert extract_text(Path("/dev/zero"), "a.txt").state == ExtractionState.REFUSED


def test_missing_and_oversized_files(tmp_path: Path) -> None:
    """A file not there yet may be tried again; one too large may not."""
    assert extract_text(tmp_path / "none", "a.txt") == _failure(extract_text(tmp_path / "none", "a.txt"), retry=True)
    large = extract(tmp_path, b"x" * 2000, "a.txt", Limits(input_bytes=1000))
    assert large == _failure(large, retry=False)


def test_broken_documents_fail_without_retry(tmp_path: Path) -> None:
    """Half a PDF, and a DOCX without the part its table promises."""
    for name, data in (
        ("半.pdf", samples.pdf_bytes(samples.CHINESE)[:120]),
        ("空.docx", samples.office_zip(b"<nonsense")),
    ):
        found = extract(tmp_path, data, name)
        assert found == _failure(found, retry=False)
        assert found.reason


def test_encrypted_pdf_fails_with_advice(tmp_path: Path) -> None:
    """A reading password cannot be guessed; without one the text is read."""
    from pypdf import PdfReader, PdfWriter

    (tmp_path / "plain.pdf").write_bytes(samples.pdf_bytes(samples.CHINESE))
    for password, state in (("secret", ExtractionState.FAILED), ("", ExtractionState.DONE)):
        writer = PdfWriter(clone_from=PdfReader(tmp_path / "plain.pdf"))
        writer.encrypt(password, owner_password="owner", algorithm="AES-256")
        writer.write(tmp_path / "locked.pdf")
        found = extract_text(tmp_path / "locked.pdf", "锁.pdf")
        assert found.state == state
        assert ("密码" in found.reason) == (state == ExtractionState.FAILED)


def _failure(found: Extraction, *, retry: bool) -> Extraction:
    return Extraction(state=ExtractionState.FAILED, reason=found.reason, retry=retry)


def _script(folder: Path, command: str) -> Path:
    script = folder / "child.sh"
    script.write_text(f"#!/bin/sh\nulimit -f 2000\n{command}\n")
    script.chmod(0o755)
    return script
