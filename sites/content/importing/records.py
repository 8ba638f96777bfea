"""From a line to a checked Record, or to a BadRecord that names the field and the cure.

Called by `run`; the Records go to `places` and `writing`. The fields are those of the law collection: id, title and body
are required, unknown fields are passed over.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, NoReturn

from sites.common.models.listed import EARLIEST
from sites.content.importing.cleaning import clean_text, has_half_sign, single_line
from sites.content.importing.errors import CORRECT, BadRecord, NoRecord
from sites.content.importing.lines import MAX_LINE, Line

MAX_BODY = 5 * 1024 * 1024
MAX_NOTE = 10_000
MAX_NUMBERS = 20


@dataclass(slots=True)
class Record:
    """One document, cleaned. `line` and `notices` belong to this run and not to the document."""

    id: str
    title: str
    body: str
    category: str
    subcategory: str
    level: str
    region: str
    issuer: str
    note: str
    source: str
    doc_no: tuple[str, ...]
    is_current: bool | None
    pub_date: date | None
    effective_date: date | None
    line: int = 0
    notices: list[tuple[str, str]] = field(default_factory=list)

    def digest(self) -> str:
        """Return the sha256 of what the document says; equal for a record that came before in the same wording."""
        said = {name: value for name, value in asdict(self).items() if name not in {"line", "notices"}}
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def read_record(line: Line) -> Record:
    """Parse and check one line; raises BadRecord."""
    values = _parse(line)
    record_id = _id(values)
    try:
        notices: list[tuple[str, str]] = []
        read = _Reader(values, notices)
        return Record(
            id=record_id,
            title=read.line_of("title", 255, required=True),
            body=read.body(),
            category=read.line_of("category", 80),
            subcategory=read.line_of("subcategory", 80),
            level=read.line_of("level", 20),
            region=read.line_of("region", 80),
            issuer=read.line_of("issuer", 200),
            note=read.text("note", MAX_NOTE),
            source=read.line_of("source", 500),
            doc_no=read.numbers(),
            is_current=read.flag(),
            pub_date=read.day("pub_date"),
            effective_date=read.day("effective_date"),
            line=line.number,
            notices=notices,
        )
    except BadRecord as error:
        error.record_id = record_id
        raise


def _parse(line: Line) -> dict[str, Any]:
    if line.data is None:
        raise BadRecord("整行", f"长度超过 {MAX_LINE // 1024 // 1024} MB。", "请拆分或精简这条记录。")
    try:
        text = line.data.decode("utf-8")
    except UnicodeDecodeError as error:
        cure = "请把文件转成 UTF-8 后重新导入（例如 iconv -f GB18030 -t UTF-8）。"
        raise NoRecord(f"第{error.start + 1}个字节起不是 UTF-8 编码。", cure) from error
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        reason = f"不是完整的 JSON（第{error.colno}个字符处）。"
        raise NoRecord(reason, "请检查引号、逗号和括号，每行应是一个完整的对象。") from error
    except (ValueError, RecursionError) as error:
        raise BadRecord("整行", "JSON 中有无法接受的数值或过深的嵌套。", CORRECT) from error
    if not isinstance(values, dict):
        raise NoRecord("不是 JSON 对象。", "每行应是一个以花括号包围的对象。")
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _id(values: dict[str, Any]) -> str:
    value = values.get("id")
    if value is None or value == "":
        raise BadRecord("id", "缺少编号。", "每条记录都要有固定不变的编号，更新和去重以它为准。")
    if not isinstance(value, str):
        raise BadRecord("id", f"应为文字，却是{_kind(value)}。", "请给编号加上引号。")
    # An identity is never repaired in silence: two damaged numbers could become the same one.
    if has_half_sign(value) or clean_text(value) != (value, 0) or single_line(value) != value:
        raise BadRecord(
            "id", "编号前后有空格，或含有看不见的字符。", "请改正编号。", value.encode(errors="replace").decode()[:80]
        )
    if len(value) > 200:
        raise BadRecord("id", f"编号有{len(value)}个字符，最多200个。", "请改用较短的编号。", value[:80])
    return value


class _Reader:
    """Takes the fields out of a parsed line, one method for each kind of field."""

    def __init__(self, values: dict[str, Any], notices: list[tuple[str, str]]) -> None:
        self.values, self.notices = values, notices

    def text(self, name: str, limit: int, *, required: bool = False) -> str:
        """Return the cleaned text of a field; limit in characters."""
        value = self._cleaned(name, self.values.get(name))
        if required and not value:
            raise BadRecord(name, "缺少内容。", "这个字段必填，请补上后重新导入。")
        if len(value) > limit:
            raise BadRecord(name, f"有{len(value)}个字符，最多{limit}个。", "请缩短后重新导入。")
        return value

    def line_of(self, name: str, limit: int, *, required: bool = False) -> str:
        """Return the cleaned text of a field that has one line."""
        value = self.values.get(name)
        if isinstance(value, str):
            self.values[name] = single_line(value)
        return self.text(name, limit, required=required)

    def body(self) -> str:
        """Return the body; its limit is in bytes, as the database sees it."""
        value = self.values.get("body")
        if isinstance(value, str) and len(value) > MAX_BODY // 4:
            size = len(value.encode(errors="replace"))
            if size > MAX_BODY:
                reason = f"正文有 {size / 1024 / 1024:.1f} MB，最多 {MAX_BODY // 1024 // 1024} MB。"
                raise BadRecord("body", reason, "请拆成几篇，或把长表格改作附件。")
        return self.text("body", MAX_BODY, required=True)

    def numbers(self) -> tuple[str, ...]:
        """Return the document numbers; a single text counts as a list of one."""
        value = self.values.get("doc_no")
        listed = [] if value in (None, "") else [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or len(listed) > MAX_NUMBERS:
            raise BadRecord("doc_no", f"应为文字的列表（最多{MAX_NUMBERS}个）。", '例如 ["国发〔2020〕1号"]。')
        cleaned = [single_line(self._cleaned("doc_no", entry)) for entry in listed]
        if any(len(entry) > 100 for entry in cleaned):
            raise BadRecord("doc_no", "有一个字号超过100个字符。", CORRECT)
        return tuple(entry for entry in cleaned if entry)

    def flag(self) -> bool | None:
        """Return whether the document is in force."""
        value = self.values.get("is_current")
        if value is None or isinstance(value, bool):
            return value
        raise BadRecord("is_current", f"应为 true、false 或 null，却是{_kind(value)}。", CORRECT)

    def day(self, name: str) -> date | None:
        """Return a date."""
        value = self.values.get(name)
        if value in (None, ""):
            return None
        cure = "日期请写成 2018-03-11 的形式，不详的写 null。"
        if not isinstance(value, str) or len(value) != 10:
            raise BadRecord(name, f"不是日期：{str(value)[:30]!r}。", cure)
        try:
            found = date.fromisoformat(value)
        except ValueError as error:
            raise BadRecord(name, f"没有这一天：{value!r}。", cure) from error
        if found < EARLIEST:
            # 0001-01-01 and the like are how some systems export that they do not know.
            raise BadRecord(name, f"{value} 早于 {EARLIEST.year} 年，不像真实的日期。", cure)
        return found

    def _cleaned(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadRecord(name, f"应为文字，却是{_kind(value)}。", CORRECT)
        if has_half_sign(value):
            raise BadRecord(
                name, "含有半个字符（孤立的代理码位），说明内容在生成时被截断。", "请从来源重新导出这条记录。"
            )
        cleaned, controls = clean_text(value)
        if controls:
            self.notices.append((name, f"去掉了{controls}个看不见的控制字符（如空字符NUL）。"))
        return cleaned


_KINDS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (lambda value: isinstance(value, bool), "布尔值"),
    (lambda value: isinstance(value, (int, float)), "数字"),
    (lambda value: isinstance(value, list), "列表"),
    (lambda value: isinstance(value, dict), "对象"),
    (lambda value: isinstance(value, str), "文字"),
)


def _kind(value: Any) -> str:
    return next((name for is_kind, name in _KINDS if is_kind(value)), "空值")
