"""When a column must have moved: its update limit in days, or its day of each year. Called by `columns`."""

import re
from contextlib import suppress
from datetime import date

from cluster.column_templates.law import UpdateLimit, YearlyDue
from cluster.column_templates.reading.words import Words, words_of
from cluster.column_templates.vocabulary import Severity, Unit

UPDATE_WORDS = ("within", "unit", "warn", "severity", "basis")
DUE_WORDS = ("day", "warn", "severity", "basis")
LONGEST = 3660  # days: ten years
MONTH_AND_DAY = re.compile(r"(\d\d)-(\d\d)")
A_COMMON_YEAR = 2001
LEAP_DAY = "02-29"


def read_update(column: Words) -> UpdateLimit | None:
    """Read the update limit."""
    if column.get("update") is None:
        return None
    owner = f"{column.owner}的更新期限"
    words = words_of(column.report, column.where("update"), column.get("update"), UPDATE_WORDS, owner)
    within = words.number("within", None, 1, LONGEST)
    warn = words.number("warn", 0, 0, LONGEST)
    if warn >= within and words.get("within") == within:
        words.wrong("warn", f"（{warn}）不小于 within（{within}）", "提前提醒的天数要小于期限")
    return UpdateLimit(
        within=within,
        unit=words.choice("unit", Unit.values, Unit.DAYS.value, "计日单位"),
        warn=warn,
        severity=words.choice("severity", Severity.values, Severity.WARNING.value, "轻重"),
        basis=words.text("basis", longest=300),
    )


def read_due(column: Words) -> YearlyDue | None:
    """Read the day of each year by which something new must be there."""
    if column.get("due") is None:
        return None
    if column.get("update") is not None:
        column.wrong("due", "不能和 update 同时写", "只留一个：按天数更新的写 update，每年有固定日期的写 due")
    owner = f"{column.owner}的每年期限"
    words = words_of(column.report, column.where("due"), column.get("due"), DUE_WORDS, owner)
    day = _day_of_year(words)
    warn = words.number("warn", 0, 0, 365)
    # What is published before the first of January is last year's: a warning then could not be heeded.
    longest = day.timetuple().tm_yday - 1 if day else 365
    if warn > longest:
        words.wrong("warn", f"（{warn}）早到了上一年，那时发布的算上一年的", f"最多写 {longest}")
    return YearlyDue(
        month=day.month if day else 12,
        day=day.day if day else 31,
        warn=warn,
        severity=words.choice("severity", Severity.values, Severity.WARNING.value, "轻重"),
        basis=words.text("basis", longest=300),
    )


def _day_of_year(words: Words) -> date | None:
    """Return the day in a year of 365 days, or None where it is none."""
    written = words.get("day")
    if written == LEAP_DAY:
        words.wrong("day", f"写的“{LEAP_DAY}”不是每年都有", "写成 02-28 或者 03-01")
        return None
    found = MONTH_AND_DAY.fullmatch(written) if isinstance(written, str) and written.isascii() else None
    if found:
        with suppress(ValueError):
            return date(A_COMMON_YEAR, int(found[1]), int(found[2]))
    what = "没有写" if written is None else f"写的“{written}”不是一年里的一天"
    words.wrong("day", what, '写成月和日各两位，加引号，例如 day = "01-31"')
    return None
