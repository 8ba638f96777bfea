"""Read a CSV of sites to open: code,name,kind,region,parent,id_code and, if given, domain, organizer, state.

Called by open_sites. The form of the file, and then the rules for every line, are checked before the first site is opened;
errors name the line and the cure.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cluster.subsites.errors import SiteError
from cluster.subsites.models import SiteKind, SiteState, Subsite
from cluster.subsites.services import checked_order, open_site, refuse_taken

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

    @property
    def order(self) -> dict[str, str | None]:
        """The line in the words of services.open_site."""
        return {
            "code": self.fields["code"],
            "name": self.fields["name"],
            "kind": self.fields["kind"],
            "region_code": self.fields["region"],
            "domain": self.fields["domain"],
            "organizer": self.fields["organizer"],
            "id_code": self.fields["id_code"],
            "parent_code": self.fields["parent"] or None,
            "state": self.fields["state"] or SiteState.OPEN,
        }

    def check_complete(self) -> None:
        """Refuse a line that ends before a column that every site needs, or leaves it empty; raises BadCsv."""
        needed = [name for name in REQUIRED if name != "region" or self.fields["kind"] != SiteKind.CONSOLE]
        absent = [name for name in needed if not self.fields[name]]
        if absent:
            raise BadCsv(f"缺少列：{'、'.join(absent)}，请补全这一行，或检查是否少了逗号。")

    def blame(self, error: SiteError) -> str:
        """Put line and code before what is wrong."""
        return f"第{self.line}行（{self.fields['code']}）：{error}"


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


def faults_of(rows: Iterable[CsvRow]) -> dict[int, str]:
    """Return the lines that no site can be opened of, each with what is wrong; nothing is opened.

    A parent need not be there yet if a good line above opens it. What two lines of the file both claim, a domain or an
    identification code, is found when the second is opened.
    """
    faults: dict[int, str] = {}
    promised: set[str | None] = set()
    for row in rows:
        order = row.order
        if order["parent_code"] in promised:
            order["parent_code"] = None
        try:
            row.check_complete()
            refuse_taken(checked_order(**order))  # type: ignore[arg-type]
        except SiteError as error:
            faults[row.line] = row.blame(error)
        else:
            promised.add(row.fields["code"])
    return faults


def open_row(row: CsvRow) -> Subsite:
    """Open the site of one line."""
    return open_site(**row.order)
