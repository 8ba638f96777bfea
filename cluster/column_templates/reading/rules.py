"""Item rules and companions of a column. Called by `columns`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster.column_templates.law import CompanionRule, ItemRule
from cluster.column_templates.reading.limits import LONGEST
from cluster.column_templates.reading.texts import Place, Report
from cluster.column_templates.reading.words import Words, words_of
from cluster.column_templates.vocabulary import (
    CHECK_FIELDS,
    DATE_FIELDS,
    TYPES_WITH_COMPANION,
    TYPES_WITH_FIELD,
    Check,
    Companion,
    ItemField,
    ItemType,
    Severity,
    Unit,
)

RULE_WORDS = ("field", "check", "severity", "argument", "basis", "message", "valid_from", "valid_to")
COMPANION_WORDS = ("companion", "within", "unit", "severity", "basis")

# Rules that the common base gives a name; None for one that is broken, and has been reported where it stands.
NamedRules = Mapping[str, ItemRule | None]


def read_items(column: Words, code: str, named: NamedRules, common: list[tuple[Any, Place]]) -> tuple[ItemRule, ...]:
    """Read the rules for the items of a column: those of every column, then its own, which replace those of the same id."""
    rules: dict[str, ItemRule] = {}
    for value, place in common:
        rule = _read_rule(column.report, place, value, code, named, "每个栏目")
        if rule:
            rules[rule.id] = rule
    own: set[str] = set()
    for number, value in enumerate(_list(column, "items")):
        place = column.where("items").at(number)
        rule = _read_rule(column.report, place, value, code, named, column.owner)
        if rule and rule.id in own:
            column.report.add(place, f"{column.owner}对“{rule.field}”的检查“{rule.check}”写了两次", "只留一条")
        if rule:
            own.add(rule.id)
            rules[rule.id] = rule
    return tuple(rules.values())


def check_every(report: Report, common: list[tuple[Any, Place]], named: NamedRules) -> None:
    """Report what is wrong with the rules of every column, whether there is a column or not, and the same one twice."""
    seen: set[str] = set()
    for value, place in common:
        rule = _read_rule(report, place, value, "", named, "每个栏目")
        if rule and rule.id in seen:
            report.add(place, f"[every] 里对“{rule.field}”的检查“{rule.check}”写了两次", "只留一条")
        if rule:
            seen.add(rule.id)


def _list(column: Words, name: str) -> list[Any]:
    value = column.get(name)
    if value is None or isinstance(value, list):
        return value or []
    column.wrong(name, "应当是一个列表", f"写成 {name} = [ … ]")
    return []


def _read_rule(
    report: Report, place: Place, value: object, code: str, named: NamedRules, owner: str
) -> ItemRule | None:
    """Read a rule written here, or named here and written in the common base."""
    if not isinstance(value, str):
        return read_rule(report, place, value, code, owner)
    if value not in named:
        report.unknown(place, f"{owner}用到的规则", value, named)
    rule = named.get(value)
    return replace(rule, id=f"{code}.{rule.field}.{rule.check}") if rule else None


def read_rule(report: Report, place: Place, value: object, code: str, owner: str) -> ItemRule | None:
    """Read one rule; None where not even its field and check are clear."""
    words = words_of(report, place, value, RULE_WORDS, f"{owner}的规则")
    before = len(report.problems)
    field = words.choice("field", ItemField.values, None, "字段")
    check = words.choice("check", Check.values, None, "检查")
    if len(report.problems) > before:
        return None
    if field not in CHECK_FIELDS.get(check, {field}):
        words.wrong("check", f"写的“{check}”不能用于“{field}”", f"它可以用于：{'、'.join(sorted(CHECK_FIELDS[check]))}")
    first, last = words.validity()
    return ItemRule(
        id=f"{code}.{field}.{check}",
        field=field,
        check=check,
        severity=words.choice("severity", Severity.values, None, "轻重"),
        argument=_argument(words, check, field),
        basis=words.text("basis", longest=300),
        message=words.text("message", longest=200),
        valid_from=first,
        valid_to=last,
    )


def _argument(words: Words, check: str, field: str) -> Any:
    """Return the argument of a check in the form that ItemRule tells of."""
    value = words.get("argument")
    match check:
        case Check.AT_LEAST | Check.AT_MOST:
            return words.number("argument", None, 1, 100_000)
        case Check.ONE_OF:
            found = words.texts("argument")
            if not found and (value is None or value == []):
                words.wrong("argument", "没有写", '写出允许的几种，例如 argument = ["有效", "失效"]')
            return found
        case Check.NOT_AFTER:
            return _other_date(words, value, field)
        case Check.WITHIN_WORKDAYS_OF:
            return _field_and_days(words, value, field)
    if value is not None:
        words.wrong("argument", f"多余：检查“{check}”不需要它", "删去 argument")
    return None


def _other_date(words: Words, value: object, field: str) -> str:
    others = sorted(DATE_FIELDS - {field})
    if value not in others:
        words.wrong("argument", "应当是另一个日期字段", f"写成以下之一：{'、'.join(others)}")
        return ""
    return str(value)


def _field_and_days(words: Words, value: object, field: str) -> tuple[str, int]:
    example = 'argument = { field = "written_on", days = 20 }'
    if not isinstance(value, dict) or set(value) != {"field", "days"}:
        words.wrong("argument", "应当写明哪个日期和几个工作日", f"写成 {example}")
        return "", 0
    inner = words_of(words.report, words.where("argument"), value, ("field", "days"), f"{words.owner}的 argument")
    return _other_date_of(inner, field), inner.number("days", None, 1, LONGEST)


def _other_date_of(inner: Words, field: str) -> str:
    return inner.choice("field", sorted(DATE_FIELDS - {field}), None, "日期字段")


def read_companions(column: Words, code: str) -> tuple[CompanionRule, ...]:
    """Read what must stand beside each item."""
    rules: dict[str, CompanionRule] = {}
    for number, value in enumerate(_list(column, "companions")):
        place = column.where("companions").at(number)
        words = words_of(column.report, place, value, COMPANION_WORDS, f"{column.owner}的配套要求")
        companion = words.choice("companion", Companion.values, None, "配套内容")
        rule = CompanionRule(
            id=f"{code}.{companion}.companion",
            companion=companion,
            within=words.number("within", None, 0, LONGEST),
            unit=words.choice("unit", Unit.values, Unit.WORKDAYS.value, "计日单位"),
            severity=words.choice("severity", Severity.values, Severity.WARNING.value, "轻重"),
            basis=words.text("basis", longest=300),
        )
        if rule.id in rules:
            column.report.add(place, f"{column.owner}的配套要求“{companion}”写了两次", "只留一条")
        rules[rule.id] = rule
    return tuple(rules.values())


def refuse_unfit(
    column: Words, takes: tuple[str, ...], items: tuple[ItemRule, ...], companions: tuple[CompanionRule, ...]
) -> None:
    """Report rules that no page which the column takes could ever fulfil."""
    for rule in items:
        able = TYPES_WITH_FIELD.get(rule.field, frozenset(takes))
        _refuse_unable(column, "items", f"“{ItemField(rule.field).label}”", able, takes)
    for companion in companions:
        able = TYPES_WITH_COMPANION.get(companion.companion, frozenset(takes))
        _refuse_unable(column, "companions", f"配套的“{Companion(companion.companion).label}”", able, takes)


def _refuse_unable(column: Words, name: str, what: str, able: frozenset[str], takes: tuple[str, ...]) -> None:
    if able.isdisjoint(takes):
        kinds = "、".join(f"{one}（{ItemType(one).label}）" for one in sorted(able))
        column.wrong(name, f"要求{what}，但栏目里能放的页面都没有这一项", f"在 takes 里加上 {kinds}，或者删去这条要求")
