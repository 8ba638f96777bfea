"""Files as they come: plain, gzipped, cut off, of other kinds."""

import gzip
from pathlib import Path

import pytest

from sites.content.importing import lines as module
from sites.content.importing.errors import ImportRefused
from sites.content.importing.lines import FileBroken, open_lines

TEXT = b'{"id": "a"}\n\n{"id": "b"}\r\n{"id": "c"}'


def read(path: Path) -> list[tuple[int, bytes | None]]:
    with open_lines(path) as source:
        return [(line.number, line.data) for line in source.lines]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: b"\xef\xbb\xbf" + data])
def test_lines_keep_their_numbers_and_blank_ones_are_passed_over(tmp_path: Path, pack) -> None:
    path = tmp_path / "in"
    path.write_bytes(pack(TEXT))
    found = read(path)
    assert [number for number, _ in found] == [1, 3, 4]
    assert found[0][1] == b'{"id": "a"}\n'


def test_a_gzip_file_cut_off_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "in.gz"
    path.write_bytes(gzip.compress(b'{"id": "a"}\n' * 100_000, compresslevel=1)[:-600])
    with open_lines(path) as source:
        assert next(source.lines).data == b'{"id": "a"}\n'
        with pytest.raises(FileBroken, match="不完整"):
            list(source.lines)
    whole = tmp_path / "whole.gz"
    whole.write_bytes(gzip.compress(b'{"id": "a"}\n' * 1000))
    assert len(read(whole)) == 1000


def test_a_line_beyond_all_measure_is_skipped_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LINE", 100)
    path = tmp_path / "in"
    path.write_bytes(b"x" * 3_000_000 + b"\n{}\n" + b"y" * 100 + b"\n")
    assert [(number, data is None) for number, data in read(path)] == [(1, True), (2, False), (3, True)]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ('{"id": "a"}'.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04....", "ZIP"),
        (b"[\n{}\n]", "数组"),
        (b'{\n"id": "a"\n}', "多行"),
    ],
)
def test_other_kinds_of_files_are_refused_with_a_cure(tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "in"
    path.write_bytes(data)
    with pytest.raises(ImportRefused, match=word):
        read(path)


def test_no_file_a_folder_and_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="找不到"):
        read(tmp_path / "none")
    with pytest.raises(ImportRefused, match="文件夹"):
        read(tmp_path)
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty") == []
