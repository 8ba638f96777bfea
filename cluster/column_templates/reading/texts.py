"""Text: one TOML file, parsed; and Report, which collects problems and finds their lines. Used by all readers of the package."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from cluster.column_templates.reading.lines import Path, lines_of
from cluster.column_templates.reading.problems import Problem, one_of

# Signs in one file: ten times what the largest shipped one has.
LARGEST = 300_000
# Control signs, what joins or turns letters around unseen, separators of lines and paragraphs.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
# What the parser says of a list, too, in which only a comma is missing.
UNCLOSED = ("Unclosed array", "Unclosed inline table")
WIDE_COMMAS = "，、；"
# What the parser says, and what that means for whoever wrote the text.
SYNTAX = (
    ("Cannot declare", "同一个栏目或者小节写了两次", "删去其中一个，或者合成一个"),
    ("Cannot overwrite", "同一个词写了两次", "只留一个"),
    ("Duplicate inline table key", "同一个词写了两次", "只留一个"),
    ("Invalid date", "日期不存在", "按 2026-01-31 这样写一个真实的日期"),
    ("Unclosed array", "方括号没有闭合", "补上 ]"),
    ("Unclosed inline table", "花括号没有闭合", "补上 }，一对花括号写在同一行里"),
    ("Unterminated string", "引号没有闭合", "补上引号"),
    ("Illegal character '\\n'", "引号在这一行没有闭合", "补上引号，一段文字写在一行里"),
    ("Found invalid character '\\n'", "引号在这一行没有闭合", "补上引号，一段文字写在一行里"),
    ("Illegal character", "有看不见的控制字符", "删去它，或者把这一行重新输入一遍"),
    ("Found invalid character", "有看不见的控制字符", "删去它，或者把这一行重新输入一遍"),
    ("Expected '=' after a key", "这一行不完整", "按 词 = 值 的样子写"),
    ("Invalid initial character", "这里的词写得不对", "一对花括号要写在同一行里，词只用英文字母、数字和下划线"),
    ("Invalid value", "等号右边写得不对", "文字要加英文双引号；是或否写 true 或 false；日期写 2026-01-31；括号要闭合"),
)


class Text:
    """One file: its name, its data (empty where it is no TOML), and the line of every word. A stored one may have any size."""

    def __init__(self, name: str, text: str, *, is_stored: bool = False) -> None:
        self.name, self.text = name, text
        self.data: dict[str, Any] = {}
        self.problem: Problem | None = None
        if len(text) > LARGEST and not is_stored:
            self.problem = too_large(name)
            return
        try:
            self.data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            self.problem = _syntax(name, text, str(error))
        except (ValueError, RecursionError):
            # A number of thousands of digits, brackets a thousand deep: no template of people.
            self.problem = Problem(name, 1, "有大得读不了的数或者层层相套的括号", "删去这些内容")

    @cached_property
    def lines(self) -> dict[Path, int]:
        """Where every word stands."""
        return lines_of(self.text)

    def line(self, path: Path) -> int:
        """Return the line of a word, or of the nearest that holds it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def too_large(name: str) -> Problem:
    """Say that a file is larger than any template of people."""
    return Problem(name, 1, f"文件太大，超过 {LARGEST} 个字", "核对是不是选错了文件；栏目太多的，删去用不到的")


def unseen_in(text: str) -> str:
    """Return the first sign of a text that nobody sees, as U+0000; empty where there is none."""
    return next((f"U+{ord(sign):04X}" for sign in text if unicodedata.category(sign) in UNSEEN), "")


def shown(text: str) -> str:
    """Return a text as it may stand in a sentence: signs that nobody sees are named."""
    return "".join(f"[U+{ord(sign):04X}]" if unicodedata.category(sign) in UNSEEN else sign for sign in text)


def _syntax(name: str, text: str, said: str) -> Problem:
    found = AT_LINE.search(said)
    line = int(found.group(1)) if found and found.group(1) else text.count("\n") + 1
    if found and found.group(1) and said.startswith(UNCLOSED) and (told := _comma(text, line, int(found.group(2)))):
        return Problem(name, line, *told)
    for begin, what, cure in SYNTAX:
        if said.startswith(begin):
            return Problem(name, line, what, cure)
    reason = AT_LINE.sub("", said).strip()
    return Problem(name, line, f"不符合 TOML 的写法（{reason}）", "检查这一行的引号、括号和等号")


def _comma(text: str, line: int, column: int) -> tuple[str, str] | None:
    """Return what is wrong where a list goes on without a comma, and what to do; None where it does not go on."""
    written = text.replace("\r\n", "\n").split("\n")[line - 1]
    before, sign = written[: column - 1].strip(), written[column - 1 : column]
    if sign and sign in WIDE_COMMAS:
        return f"“{sign}”不是英文逗号", "换成英文逗号 ,"
    # A line that begins with a word or a bracket is the next thing: the list before it has no end.
    if sign and (before or sign in "\"'{"):
        return "这一项和前一项之间缺少逗号", "在两项之间补上英文逗号"
    return None


class Place:
    """Where something stands: a file and the way to it in that file."""

    __slots__ = ("path", "text")

    def __init__(self, text: Text, *path: str | int) -> None:
        self.text, self.path = text, path

    def at(self, *further: str | int) -> "Place":
        """Return the place of something inside."""
        return Place(self.text, *self.path, *further)


class Report:
    """Collects the problems of all files; reading goes on after each.

    A `tolerant` one reads texts of an earlier language: a value of the right sort stays as it is written.
    """

    def __init__(self, *, tolerant: bool = False) -> None:
        self.problems: list[Problem] = []
        self.tolerant = tolerant

    def add(self, place: Place, what: str, cure: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(place.text.name, place.text.line(place.path), shown(what), shown(cure)))

    def unknown(self, place: Place, what: str, written: object, known: Iterable[str]) -> None:
        """Note a word that the language does not have."""
        self.add(place, f"{what}“{written}”不认识", one_of(known, written))

    def table(self, place: Place, value: object, known: Iterable[str], what: str) -> Mapping[str, Any]:
        """Return a table's known words; an unknown word, or no table at all, is a problem."""
        if not isinstance(value, dict):
            self.add(place, f"{what}应当是一个小节", "按 LANGUAGE.md 的例子写")
            return {}
        words = list(known)
        for word in value:
            if word not in words:
                self.unknown(place.at(word), f"{what}里的词", word, words)
        return {word: value[word] for word in value if word in words}
