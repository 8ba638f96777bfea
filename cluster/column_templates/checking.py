"""Judge one item against the law of its column: pure, without queries, thousands in a row.

Called by the publish gate (sites.common.gate) and by whoever foresees what a new version would break. What only the
database knows stands in the Context; its owner asks for a whole batch at once. The single checks lie in `checks`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cluster.column_templates.checks import CHECKS, Demand, as_day
from cluster.column_templates.law import ColumnLaw, CompanionRule, ItemRule
from cluster.column_templates.standing import NONE, StandingWaiver, Waivers
from cluster.column_templates.vocabulary import Check, Companion, ItemField, Severity, Unit

Facts = Mapping[str, Any]  # ItemField → value; a field that the page type does not have is not in it
STOPPING = frozenset({Severity.REFUSAL.value, Severity.VETO.value})


def _no_calendar(start: date, count: int, unit: str) -> date | None:
    return None


@dataclass(frozen=True, slots=True)
class Context:
    """What the database knows of one item: waivers of its site, whether its index number is taken, what stands beside it.

    `last_day` counts a limit of (start, number, unit) and returns its last day, or None where no calendar reaches so far.
    """

    waivers: Waivers = NONE
    index_number_taken: bool = False
    companions: frozenset[str] = frozenset()
    last_day: Callable[[date, int, str], date | None] = _no_calendar


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of an item. `sentence` says what is wrong (or right), `cure` what to do."""

    rule_id: str
    ok: bool
    severity: str
    sentence: str
    basis: str = ""
    cure: str = ""
    waiver: StandingWaiver | None = None

    @property
    def waived(self) -> bool:
        """Whether the office lets this site break the rule."""
        return self.waiver is not None

    @property
    def stops(self) -> bool:
        """Whether the item must not be published."""
        return not self.ok and not self.waived and self.severity in STOPPING

    @property
    def warns(self) -> bool:
        """Whether it may be published for a stated reason only."""
        return not self.ok and not self.waived and self.severity == Severity.WARNING

    @property
    def text(self) -> str:
        """The whole of it for people: what is wrong, by which rule and basis, what to do; or who waived it."""
        basis = f"；依据：{self.basis}" if self.basis else ""
        return f"{self.sentence}（规则 {self.rule_id}{basis}）{self.waiver.text if self.waiver else self.cure}"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The rules of a column that hold on one day, each with its check."""

    column: ColumnLaw
    rules: tuple[tuple[ItemRule, Demand, str], ...] = field(default=())


# (identity of the column, day) → its rules; the column is kept with them, so that its identity stays its own.
_compiled: dict[tuple[int, date], _Compiled] = {}
_COMPILED_AT_MOST = 2000


def check_item(column: ColumnLaw, facts: Facts, today: date, context: Context | None = None) -> list[Verdict]:
    """Return the verdict of every rule that holds today, in the order of the template."""
    context = context or Context()
    verdicts = [_judge(rule, check, label, facts, today, context) for rule, check, label in _rules(column, today)]
    verdicts += [_judge_companion(rule, column, facts, today, context) for rule in column.companions]
    if not context.waivers:
        return verdicts
    return [_with_waiver(verdict, column.code, context.waivers) for verdict in verdicts]


def _rules(column: ColumnLaw, today: date) -> tuple[tuple[ItemRule, Demand, str], ...]:
    key = (id(column), today)
    found = _compiled.get(key)
    if found is None or found.column is not column:
        if len(_compiled) >= _COMPILED_AT_MOST:
            _compiled.clear()
        rules = tuple(
            (rule, CHECKS[Check(rule.check)], str(ItemField(rule.field).label))
            for rule in column.items
            if rule.holds_on(today)
        )
        found = _compiled[key] = _Compiled(column, rules)
    return found.rules


def _judge(rule: ItemRule, check: Demand, label: str, facts: Facts, today: date, context: Context) -> Verdict:
    if rule.field not in facts:
        # Only what must be there can be missed; a page without the field cannot fill it badly.
        if rule.check not in (Check.REQUIRED, Check.INDEX_NUMBER):
            return Verdict(rule.id, True, rule.severity, f"{label}：不适用。", rule.basis)
        sentence = rule.message or f"缺少“{label}”，这种页面没有这一项。"
        return Verdict(
            rule.id, False, rule.severity, sentence, rule.basis, "请改用带有这一项的页面类型，或放到别的栏目。"
        )
    fault = check(facts[rule.field], label, rule.argument, facts, today, context)
    if fault is None:
        return Verdict(rule.id, True, rule.severity, f"{label}：{Check(rule.check).label}。", rule.basis)
    sentence, cure = fault
    return Verdict(rule.id, False, rule.severity, rule.message or sentence, rule.basis, cure)


def _judge_companion(rule: CompanionRule, column: ColumnLaw, facts: Facts, today: date, context: Context) -> Verdict:
    """Say whether the companion is there. One that may come later never stops a publication: the clock minds it."""
    label = str(Companion(rule.companion).label)
    if rule.companion in context.companions:
        return Verdict(rule.id, True, rule.severity, f"已有{label}。", rule.basis)
    if rule.within <= 0:
        return Verdict(rule.id, False, rule.severity, f"没有关联{label}。", rule.basis, f"请先选择对应的{label}。")
    start = as_day(facts.get(ItemField.PUBLISHED_AT)) or today
    due = context.last_day(start, rule.within, rule.unit)
    until = f"{rule.within}{Unit(rule.unit).label}内" + (f"（{due:%Y-%m-%d} 前）" if due else "")
    late = due is not None and today > due
    sentence = f"尚无{label}，应在发布后{until}补上。" if not late else f"{label}已超期：应在发布后{until}补上。"
    return Verdict(rule.id, not late, Severity.ADVICE.value, sentence, rule.basis, f"请发布{label}并与本条互相关联。")


def _with_waiver(verdict: Verdict, column_code: str, waivers: Waivers) -> Verdict:
    return verdict if verdict.ok else replace(verdict, waiver=waivers.of(column_code, verdict.rule_id))
