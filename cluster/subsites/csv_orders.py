"""Read a CSV of sites to open: code,name,kind,region,parent,id_code and, if given, domain, organizer, state.

Called by open_sites. Every line is checked before the first site is opened; errors name the line and the cure.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cluster.subsites.errors import SiteError

if TYPE_CHECKING:
    from _csv import Reader

REQUIRED = ("code", "name", "kind", "region")
KNOWN = (*REQUIRED, "parent", "id_code", "domain", "organizer", "state")


class BadCsv(SiteError):
    """The file cannot be read as a list of sites."""


@dataclass(frozen=True)
class CsvRow:
    """One line of the file: its number (the heading is 1) and its fields."""

    line: int
    fields: dict[str, str]


def decode(data: bytes) -> str:
    """Return the text; UTF-8 with or without a mark, or GB18030 as spreadsheets here write it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadCsv("文件编码无法识别：请用 UTF-8 或 GBK 编码另存为 CSV 后重试。")


def read_rows(path: Path) -> list[CsvRow]:
    """Return the lines of the file; raises BadCsv with line and cure."""
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise BadCsv(f"无法读取文件 {path}：请核对路径和权限。") from error
    if "\x00" in text:
        raise BadCsv("文件中含有空字符（NUL），不是文本CSV：请另存为 CSV（逗号分隔）后重试。")
    rows = list(_rows(csv.reader(io.StringIO(text, newline=""))))
    if not rows:
        raise BadCsv("文件中没有站点：表头之后至少应有一行。")
    _refuse_doubles(rows)
    return rows


def _rows(reader: "Reader") -> Iterator[CsvRow]:
    heading = [name.strip() for name in _next_record(reader) or []]
    missing = [name for name in REQUIRED if name not in heading]
    if missing:
        raise BadCsv(f"第1行缺少列：{'、'.join(missing)}。表头应为 {','.join(KNOWN[:6])}。")
    line = reader.line_num + 1
    while (cells := _next_record(reader)) is not None:
        if len(cells) > len(heading):
            raise BadCsv(f"第{line}行的列数多于表头：请检查多余的逗号。")
        fields = dict(zip(heading, (cell.strip() for cell in cells), strict=False))
        # An open quotation mark swallows the lines that follow it: they would be missing without a word.
        if any("\n" in value or "\r" in value for value in fields.values()):
            raise BadCsv(f"第{line}行的引号没有成对，后面的行被并了进来：请补上或删去引号。")
        if any(fields.values()):
            yield CsvRow(line, {name: fields.get(name, "") for name in KNOWN})
        line = reader.line_num + 1


def _next_record(reader: "Reader") -> list[str] | None:
    line = reader.line_num + 1
    try:
        return next(reader, None)
    except csv.Error as error:
        raise BadCsv(f"第{line}行无法按 CSV 读取：请检查引号和换行，另存为 CSV（逗号分隔）后重试。") from error


def _refuse_doubles(rows: list[CsvRow]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        code = row.fields["code"]
        if code in seen:
            raise BadCsv(f"第{row.line}行的站点代码“{code}”与第{seen[code]}行重复：请改正其中一行。")
        seen[code] = row.line
