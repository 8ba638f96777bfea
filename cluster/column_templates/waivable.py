"""Which rules a waiver may name, column by column or for the whole site, grouped and in plain words.

Asked by the form of a site, by `waivers`, which refuses every other rule, and by all lists that show a waiver.
"""

from dataclasses import dataclass

from cluster.column_templates.inspected import TITLES, rules_on
from cluster.column_templates.law import ColumnLaw, ItemRule, SiteLaw
from cluster.column_templates.wording import companion_text, limit_text, rule_text

WHOLE_SITE = "整个网站"
EVERY_RULE = "本栏目的全部规则"


@dataclass(frozen=True, slots=True)
class WaivableRule:
    """One rule with its words, below the heading where forms show it."""

    rule_id: str
    words: str
    group: str


def waivable_rules(law: SiteLaw, column_code: str) -> list[WaivableRule]:
    """Return what can be waived in a column; without a code, for the whole site. Empty for a column that the law does not know."""
    if not column_code:
        return [WaivableRule(number, f"{number} {title}", "检查规则") for number, title in TITLES.items()]
    column = law.column(column_code)
    return _of_column(column) if column else []


def _of_column(column: ColumnLaw) -> list[WaivableRule]:
    code = column.code
    clock = [WaivableRule(f"{code}.least", _least(column), "更新、数量和位置")]
    if column.limit:
        clock.insert(0, WaivableRule(f"{code}.update", f"更新期限：{limit_text(column.limit)}", clock[0].group))
    clock.append(WaivableRule(f"{code}.depth", f"点击次数：从首页起最多{column.depth}次", clock[0].group))
    return [
        WaivableRule("", EVERY_RULE, "整个栏目"),
        *clock,
        *(WaivableRule(rule.id, _item(rule), "每条信息") for rule in column.items),
        *(WaivableRule(rule.id, companion_text(rule), "配套信息") for rule in column.companions),
        *(WaivableRule(number, f"{number} {TITLES[number]}", "检查规则") for number in rules_on(column)),
    ]


def _least(column: ColumnLaw) -> str:
    return f"信息数量：不得空白，至少{column.least}条" if column.least else "信息数量：不得空白"


def _item(rule: ItemRule) -> str:
    return f"{rule_text(rule)}：{rule.message}" if rule.message else rule_text(rule)


def column_words(law: SiteLaw, column_code: str) -> str:
    """Say where a waiver holds: the column's name, its code where the law has dropped it, or the whole site."""
    column = law.column(column_code)
    return column.name if column else column_code or WHOLE_SITE


def rule_words(law: SiteLaw, column_code: str, rule_id: str) -> str:
    """Say which rule a waiver names; its id where the law has dropped it."""
    known = {rule.rule_id: rule.words for rule in waivable_rules(law, column_code)}
    return known.get(rule_id, rule_id or EVERY_RULE)
