"""Words: the words of one table, asked for by name and kind of value; what does not fit becomes a problem.

Used by `columns`, `rules` and `homes`. A wrong value is reported and answered by the default, so that reading goes on.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from cluster.column_templates.reading.texts import Place, Report, unseen_in


class Words:
    """The words of a table, each with the place where it was written."""

    def __init__(self, report: Report, place: Place, words: Mapping[str, tuple[Any, Place]], owner: str) -> None:
        self.report, self.place, self.words, self.owner = report, place, words, owner

    def where(self, name: str) -> Place:
        """Return where a word stands; the table itself when it is not written."""
        return self.words[name][1] if name in self.words else self.place

    def get(self, name: str) -> Any:
        """Return what is written, unchecked, or None."""
        return self.words[name][0] if name in self.words else None

    def wrong(self, name: str, what: str, cure: str) -> None:
        """Note a problem of a word."""
        self.report.add(self.where(name), f"{self.owner}的 {name} {what}", cure)

    def text(self, name: str, *, needed: bool = False, longest: int = 0) -> str:
        """Return a text; `needed` ones must not be empty."""
        value = self.get(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            what = "没有写" if value is None else "应当是文字"
            self.wrong(name, what, f'写成 {name} = "…"')
            return ""
        if needed and not value.strip():
            self.wrong(name, "是空的", "写上内容")
        if longest and len(value) > longest:
            self.wrong(name, f"有 {len(value)} 个字，太长", f"缩短到 {longest} 个字以内")
        self._refuse_unseen(name, self.where(name), value)
        return value

    def _refuse_unseen(self, name: str, place: Place, value: str) -> None:
        if sign := unseen_in(value):
            what = f"{self.owner}的 {name} 里有换行或看不见的字符（{sign}）"
            self.report.add(place, what, "删去它，写成一行；要分段的，每段写成一项")

    def flag(self, name: str, default: bool) -> bool:
        """Return yes or no."""
        value = self.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(name, "应当是 true 或 false", "不加引号写 true 或 false")
            return default
        return value

    def number(self, name: str, default: int | None, smallest: int, largest: int) -> int:
        """Return a whole number within bounds; without a default it must be written."""
        value = self.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not smallest <= value <= largest:
            what = "没有写" if value is None else f"写的“{value}”不合适"
            self.wrong(name, what, f"写一个 {smallest} 到 {largest} 的整数，不加引号")
            if self.report.tolerant and isinstance(value, int):
                return value
            return default if default is not None else smallest
        return value

    def choice(self, name: str, known: Iterable[str], default: str | None, what: str) -> str:
        """Return one of the known words; without a default it must be written."""
        value, words = self.get(name), list(known)
        if value is None and default is not None:
            return default
        if value is None:
            self.wrong(name, "没有写", f"可以写的有：{'、'.join(words)}")
        elif value not in words:
            self.report.unknown(self.where(name), f"{self.owner}的{what}", value, words)
        else:
            return str(value)
        return default or words[0]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.wrong(name, "应当是一列文字", f'写成 {name} = ["…", "…"]')
            return ()
        for number, one in enumerate(value):
            self._refuse_unseen(name, self.where(name).at(number), one)
        return tuple(value)

    def choices(self, name: str, known: Iterable[str], what: str) -> tuple[str, ...]:
        """Return a list of known words."""
        words, kept = list(known), []
        for number, value in enumerate(self.texts(name)):
            if value in words:
                kept.append(value)
            else:
                self.report.unknown(self.where(name).at(number), f"{self.owner}的{what}", value, words)
        return tuple(kept)

    def day(self, name: str) -> date | None:
        """Return a date, written as a TOML date or as text in the same form."""
        value = self.get(name)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong(name, f"写的“{value}”不是日期", "写成 2026-01-31 的样子，不带时间")
            return None

    def validity(self) -> tuple[date | None, date | None]:
        """Return valid_from and valid_to, the first not after the second."""
        first, last = self.day("valid_from"), self.day("valid_to")
        if first and last and first > last:
            self.wrong("valid_from", f"（{first}）晚于 valid_to（{last}）", "生效日期不能晚于失效日期，改正其中一个")
        return first, last


def words_of(report: Report, place: Place, value: object, known: tuple[str, ...], owner: str) -> Words:
    """Return the words of a table written in one place."""
    table = report.table(place, value, known, owner)
    return Words(report, place, {name: (one, place.at(name)) for name, one in table.items()}, owner)
