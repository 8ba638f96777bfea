"""Read a CSV of sites to open: code,name,kind,region,parent,id_code and, if given, domain, organizer, state.

Called by open_sites. Every line is checked before the first site is opened; errors name the line and the cure.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from cluster.subsites.errors import SiteError

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
    reader = csv.DictReader(io.StringIO(text, newline=""))
    heading = [name.strip() for name in reader.fieldnames or []]
    missing = [name for name in REQUIRED if name not in heading]
    if missing:
        raise BadCsv(f"第1行缺少列：{'、'.join(missing)}。表头应为 {','.join(KNOWN[:6])}。")
    rows = []
    for record in reader:
        if None in record:
            raise BadCsv(f"第{reader.line_num}行的列数多于表头：请检查多余的逗号。")
        fields = {(name or "").strip(): (value or "").strip() for name, value in record.items()}
        if any(fields.values()):
            rows.append(CsvRow(reader.line_num, {name: fields.get(name, "") for name in KNOWN}))
    if not rows:
        raise BadCsv("文件中没有站点：表头之后至少应有一行。")
    _refuse_doubles(rows)
    return rows


def _refuse_doubles(rows: list[CsvRow]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        code = row.fields["code"]
        if code in seen:
            raise BadCsv(f"第{row.line}行的站点代码“{code}”与第{seen[code]}行重复：请改正其中一行。")
        seen[code] = row.line
