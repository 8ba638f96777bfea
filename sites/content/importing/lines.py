"""Read a JSON Lines file line by line, plain or gzipped, however large, and say what is wrong with the file itself.

Called by `run`; the lines go to `records`. Nothing but the current line is ever in memory.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from sites.content.importing.errors import ImportRefused

# A line of this length is parsed, so that its too long field can be named; a longer one is only skipped.
MAX_LINE = 128 * 1024 * 1024
_GZIP, _UTF8_MARK = b"\x1f\x8b", b"\xef\xbb\xbf"
_FOREIGN = {
    b"\xff\xfe": "UTF-16 编码的文本",
    b"\xfe\xff": "UTF-16 编码的文本",
    b"PK": "ZIP 压缩包或 Office 文件",
    b"\x28\xb5\x2f\xfd": "Zstandard 压缩文件",
    b"BZh": "bzip2 压缩文件",
    b"\xfd7zXZ": "XZ 压缩文件",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number, from 1; `data` is None for a line too long to be read."""

    number: int
    data: bytes | None


class FileBroken(ImportRefused):
    """The file ends or breaks in the middle; what stood before was read."""


@dataclass(slots=True)
class Source:
    """An open file: its lines, and how much of it is behind us (0 to 100)."""

    lines: Iterator[Line]
    percent: Callable[[], int]


@contextmanager
def open_lines(path: Path) -> Iterator[Source]:
    """Open the file; raises ImportRefused with the cure where it is no JSON Lines file at all."""
    try:
        size = path.stat().st_size
        raw = path.open("rb", buffering=1024 * 1024)
    except IsADirectoryError as error:
        raise ImportRefused(f"{path} 是文件夹：请给出其中的 .jsonl 或 .jsonl.gz 文件。") from error
    except FileNotFoundError as error:
        raise ImportRefused(f"找不到文件 {path}：请核对路径。") from error
    except OSError as error:
        raise ImportRefused(f"无法读取文件 {path}：请核对权限（{error.strerror}）。") from error
    with raw:
        try:
            stream = _decompressed(path, cast(BufferedReader, raw))
        except IsADirectoryError as error:
            raise ImportRefused(f"{path} 是文件夹：请给出其中的 .jsonl 或 .jsonl.gz 文件。") from error
        yield Source(_lines(path, stream), lambda: min(100, raw.tell() * 100 // size) if size and raw.seekable() else 0)


def _decompressed(path: Path, raw: BufferedReader) -> BinaryIO:
    head = raw.peek(8)[:8]
    if head.startswith(_GZIP):
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    for mark, what in _FOREIGN.items():
        if head.startswith(mark):
            raise ImportRefused(
                f"{path} 是{what}，不是 JSON Lines：请转成每行一个 JSON 对象的 UTF-8 文本，可用 gzip 压缩。"
            )
    return raw


def _lines(path: Path, stream: BinaryIO) -> Iterator[Line]:
    number = 0
    try:
        while data := stream.readline(MAX_LINE + 1):
            number += 1
            if len(data) > MAX_LINE:
                _skip_rest(stream, data)
                yield Line(number, None)
                continue
            if number == 1:
                data = data.removeprefix(_UTF8_MARK)
                _refuse_foreign_form(path, data)
            if data.strip():
                yield Line(number, data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileBroken(
            f"{path} 的压缩数据不完整或已损坏，只能读到第{number}行；此前各行已处理。请重新取得完整的文件后再运行一次，已导入的会跳过。"
        ) from error
    except OSError as error:
        raise FileBroken(
            f"读取 {path} 时出错（{error.strerror}），只读到第{number}行；此前各行已处理。排除后再运行一次即可。"
        ) from error


def _skip_rest(stream: BinaryIO, data: bytes) -> None:
    while data and not data.endswith(b"\n"):
        data = stream.readline(1024 * 1024)


def _refuse_foreign_form(path: Path, first: bytes) -> None:
    start = first.lstrip()[:1]
    if start == b"[":
        raise ImportRefused(f"{path} 是一个 JSON 数组：请改为每行一个对象（例如用 jq -c '.[]'）。")
    if first.strip() == b"{":
        raise ImportRefused(f"{path} 中一个对象占了多行：请改为每行一个对象（例如用 jq -c .）。")
