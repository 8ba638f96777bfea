"""How the law reads to people: the words of a column, its limits and rules, in Chinese. Used by `differing`, command, console."""

from collections.abc import Callable
from typing import Any

from cluster.column_templates.law import ColumnLaw, CompanionRule, ItemRule, Law, UpdateLimit, YearlyDue
from cluster.column_templates.vocabulary import Check, ColumnClass, Companion, ItemField, ItemType, Severity, Unit
from cluster.subsites.models import SiteKind

# In the order in which a column is read.
LABELS = {
    "name": "名称",
    "parent": "上级栏目",
    "column_class": "类别",
    "column_type": "栏目类型",
    "description": "栏目说明",
    "keywords": "关键词",
    "menu": "显示在导航中",
    "mandatory": "必设",
    "fed_by": "汇集",
    "takes": "内容类型",
    "replaces": "接替的栏目",
    "open_below": "可自设下级栏目",
    "shows_dates": "列表显示日期",
    "unit": "责任单位",
    "reviewer": "审核人",
    "update": "更新期限",
    "due": "每年期限",
    "least": "最少条数",
    "depth": "最多点击次数",
    "items": "信息规则",
    "companions": "配套要求",
    "basis": "依据",
    "severity": "缺少时",
    "valid_from": "生效日期",
    "valid_to": "失效日期",
    "body": "栏目正文",
}


def limit_text(limit: UpdateLimit | YearlyDue | None) -> str:
    """Say when a column must have moved."""
    if limit is None:
        return "不限"
    unit = Unit.DAYS.label if isinstance(limit, YearlyDue) else Unit(limit.unit).label
    early = f"，提前{limit.warn}{unit}提醒" if limit.warn else ""
    within = "" if isinstance(limit, YearlyDue) else "内"
    return f"{limit_time(limit)}{within}更新{early}（{Severity(limit.severity).label}）"


def limit_time(limit: UpdateLimit | YearlyDue) -> str:
    """Say the time alone."""
    if isinstance(limit, YearlyDue):
        return f"每年{limit.month}月{limit.day}日前"
    return f"{limit.within}{Unit(limit.unit).label}"


# What is counted in a field that is no text.
COUNTED_IN = {ItemField.IMAGE: "张", ItemField.ATTACHMENT: "件"}
# {field}, {other}, {number} and {words} come from the rule.
DEMANDS = {
    Check.REQUIRED: "必须填写{field}",
    Check.DOCUMENT_NUMBER: "{field}格式正确",
    Check.DOCUMENT_KIND: "{field}为十五种公文之一",
    Check.INDEX_NUMBER: "{field}格式正确、全省唯一",
    Check.AT_LEAST: "{field}至少{number}{unit}",
    Check.AT_MOST: "{field}最多{number}{unit}",
    Check.ONE_OF: "{field}限于：{words}",
    Check.NOT_AFTER: "{field}不晚于{other}",
    Check.WITHIN_WORKDAYS_OF: "{field}在{other}之后{number}个工作日内",
    Check.ALTERNATIVE_TEXT: "{field}要有替代文字",
}


def rule_text(rule: ItemRule) -> str:
    """Say an item rule."""
    days = [f"，{rule.valid_from}起" if rule.valid_from else "", f"，至{rule.valid_to}" if rule.valid_to else ""]
    return f"{demand_text(rule)}（{Severity(rule.severity).label}{''.join(days)}）"


def demand_text(rule: ItemRule) -> str:
    """Say what an item rule asks, and no more."""
    field, argument = ItemField(rule.field), rule.argument
    several = argument if isinstance(argument, tuple) else (argument,)
    return DEMANDS[Check(rule.check)].format(
        field="正文里的图片" if (rule.check, field) == (Check.ALTERNATIVE_TEXT, ItemField.BODY) else field.label,
        unit=COUNTED_IN.get(field, "字"),
        number=several[-1],
        other=ItemField(several[0]).label if several[0] in ItemField.values else "",
        words="、".join(map(str, several)),
    )


def companion_text(rule: CompanionRule) -> str:
    """Say what must stand beside an item."""
    when = f"{rule.within}{Unit(rule.unit).label}内" if rule.within else "发布时"
    return f"{when}要有{Companion(rule.companion).label}（{Severity(rule.severity).label}）"


def column_text(column: ColumnLaw) -> str:
    """Say of a column what it is, who answers for it, and what it must have."""
    told = [str(ColumnClass(column.column_class).label), "必设" if column.mandatory else "选设", column.unit]
    if column.limit:
        told.append(limit_text(column.limit))
    if column.least:
        told.append(f"至少 {column.least} 条")
    if column.valid_from:
        told.append(f"{column.valid_from}起")
    if column.valid_to:
        told.append(f"至{column.valid_to}")
    return "；".join(one for one in told if one)


def rule_lines(column: ColumnLaw) -> list[str]:
    """Say what every item of a column must keep, rule by rule."""
    return [*map(rule_text, column.items), *map(companion_text, column.companions)]


def unlisted_text(law: Law) -> str:
    """Say which columns of the common base no kind of site lists."""
    names = "、".join(f"“{name}”（{code}）" for code, name in law.unlisted)
    return f"注意：公共模板里的栏目{names}没有列进任何一类站点的 columns，哪个网站都不会设立它。"


def _words(names: type[Any]) -> Callable[[Any], str]:
    return lambda value: "、".join(str(names(one).label) for one in ([value] if isinstance(value, str) else value))


SAID: dict[str, Callable[[Any], str]] = {
    "column_class": _words(ColumnClass),
    "severity": _words(Severity),
    "fed_by": lambda value: _words(SiteKind)(value) if value else "",
    "takes": _words(ItemType),
    "update": limit_text,
    "due": limit_text,
    "items": lambda rules: "；".join(map(rule_text, rules)),
    "companions": lambda rules: "；".join(map(companion_text, rules)),
    "body": lambda paragraphs: "".join(paragraphs),
}


def said(column: ColumnLaw, word: str) -> str:
    """Say what a column's word is; empty where nothing is written."""
    value = getattr(column, word)
    if word in SAID:
        return SAID[word](value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
