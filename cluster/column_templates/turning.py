"""Turn: what the law has in force on a day and newly asks of items then; today, and each later day on which something begins or ends.

Pure. `planning` makes the turns of each kind of site; `later` and `questions` go through them. Nothing is told twice: what the version
before asks on that day, too, is not new, nor what this one has asked since an earlier turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cluster.column_templates.comparing import columns_in_force
from cluster.column_templates.law import ColumnLaw, ItemRule, SiteLaw
from cluster.column_templates.placing import kinds_taken
from cluster.column_templates.vocabulary import Severity

# An advice stops nobody, and asks for no reason.
MATTERS = frozenset({Severity.WARNING.value, Severity.REFUSAL.value, Severity.VETO.value})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the items of one column: its rules that count, whether it takes their kind, why, and since when.

    `shift` is the action by which items come under a law that is not new; `since` is empty for what is asked at once.
    """

    column: ColumnLaw
    asks_kind: bool = False
    shift: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A day, the columns in force on it, and what is new on it: code → question. `since` is None for today."""

    day: date
    since: date | None
    laws: Mapping[str, ColumnLaw]
    new: Mapping[str, Question]


def turns_of(law: SiteLaw, before: SiteLaw, today: date) -> tuple[Turn, ...]:
    """Return today and the later turns of a kind of site, under a version that comes after another."""
    found: list[Turn] = []
    for day in (today, *_later_days(law, today)):
        laws, known = ({one.code: one for one in columns_in_force(some, day)} for some in (law, before))
        since, earlier = (None if day == today else day), found[-1] if found else None
        asked = {code: _question(column, known.get(code), earlier, day, since) for code, column in laws.items()}
        found.append(Turn(day, since, laws, {code: question for code, question in asked.items() if question}))
    return tuple(found)


def that_matter(column: ColumnLaw, day: date) -> tuple[ItemRule, ...]:
    """Return the rules of a column that hold on a day and stop items or ask for a reason."""
    return tuple(rule for rule in column.items if rule.severity in MATTERS and rule.holds_on(day))


def _later_days(law: SiteLaw, today: date) -> list[date]:
    """Return the days to come on which a column or a rule begins, or a column has ended."""
    dated: list[ColumnLaw | ItemRule] = [*law.columns, *(rule for column in law.columns for rule in column.items)]
    first = {one.valid_from for one in dated if one.valid_from}
    after = {column.valid_to + timedelta(days=1) for column in law.columns if column.valid_to}
    return sorted(day for day in first | after if day > today)


def _question(
    column: ColumnLaw, known: ColumnLaw | None, earlier: Turn | None, day: date, since: date | None
) -> Question | None:
    """Return the question about what a column newly asks; None where that is nothing."""
    had = earlier.laws.get(column.code) if earlier else None
    old = {*_bare(known, day), *(_bare(had, earlier.day) if had and earlier else ())}
    rules = tuple(rule for rule in that_matter(column, day) if _without_days(rule) not in old)
    narrowed = known is not None and had is None and bool(set(kinds_taken(known)) - set(kinds_taken(column)))
    return Question(replace(column, items=rules, companions=()), narrowed, since=since) if rules or narrowed else None


def _bare(column: ColumnLaw | None, day: date) -> Sequence[ItemRule]:
    return [_without_days(rule) for rule in that_matter(column, day)] if column else []


def _without_days(rule: ItemRule) -> ItemRule:
    """Return the rule as it is on any day on which it holds."""
    return replace(rule, valid_from=None, valid_to=None)
