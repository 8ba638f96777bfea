"""How many published items the rules of a new version would stop, counted from the registry before the version is in force.

Called by planning. Only rules that are new or changed are asked, and all rules of a column of items that come into it because
theirs is given up, as the gate asks them: with the calendar and the waivers of the site. What the registry does not hold is said
to be unknown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from django.apps import apps

from cluster.column_templates.checking import Context, check_item
from cluster.column_templates.law import ColumnLaw, Law, SiteLaw
from cluster.column_templates.placing import Place, judge_place, kinds_taken
from cluster.column_templates.standing import NONE, standing_waivers
from cluster.column_templates.steps import Action
from cluster.column_templates.vocabulary import Check, ItemField, Severity
from cluster.resources.documents import Theme, Validity
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import Subsite
from cluster.workdays import current_calendar

# Field of an item → columns of the registry that answer for it.
ANSWERS: dict[str, tuple[str, ...]] = {
    ItemField.TITLE.value: ("title",),
    ItemField.BODY.value: ("text",),
    ItemField.SUMMARY.value: ("summary",),
    ItemField.SOURCE.value: ("source",),
    ItemField.AUTHOR.value: ("author",),
    ItemField.RESPONSIBLE.value: ("author",),
    ItemField.KEYWORDS.value: ("keywords",),
    ItemField.ATTACHMENT.value: ("document_ids", "hidden_document_ids"),
    ItemField.PUBLISHED_AT.value: ("published_at",),
    ItemField.DOCUMENT_NUMBER.value: ("doc_no",),
    ItemField.ISSUER.value: ("issuer",),
    ItemField.WRITTEN_ON.value: ("pub_date",),
    ItemField.EFFECTIVE_ON.value: ("effective_date",),
    ItemField.IMAGE.value: ("image_ids",),
    ItemField.DOCUMENT_KIND.value: ("document_kind",),
    ItemField.INDEX_NUMBER.value: ("index_number",),
    ItemField.THEME.value: ("theme",),
    # Documents have the one, articles the other.
    ItemField.VALIDITY.value: ("validity", "is_current"),
}
_SEVERAL = frozenset({ItemField.ATTACHMENT.value, ItemField.DOCUMENT_NUMBER.value})
# Of pictures the registry knows which, not whether words stand beside them.
UNANSWERED = frozenset({Check.ALTERNATIVE_TEXT.value})
MATTERS = frozenset({Severity.WARNING.value, Severity.REFUSAL.value, Severity.VETO.value})


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule and the published items that break it; `unknown` where the registry cannot tell.

    `shift` says why a rule that is not new is asked: the items' column is merged into this one, or handed to the site.
    """

    column: str
    rule: str
    severity: str
    items: int
    unknown: bool = False
    shift: str = ""  # "", Action.MERGE, Action.RETIRE

    @property
    def text(self) -> str:
        """What the plan tells people: the rule, how many, and what becomes of them."""
        begin = {Action.MERGE: "并入后适用的规则", Action.RETIRE: "转为自设后适用的规则"}.get(self.shift, "新规则")  # type: ignore[call-overload]
        doubt = "（信息资源库没有这一项，需逐条核对）" if self.unknown else ""
        return f"{begin} {self.rule}：{self.items} 条信息不符合{doubt}{self._consequence}"

    @property
    def _consequence(self) -> str:
        if self.shift == Action.MERGE:
            stays = "，留在原栏目，原栏目转为自设栏目"
            return stays if self.severity != Severity.WARNING else "，照常并入，理由记入台账"
        return "，留在原处，标记后由网站修改" if self.shift else ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the items of one column: rules, whether it takes their kind, and why."""

    column: ColumnLaw
    asks_kind: bool = False
    shift: str = ""


Questions = dict[str, Question]  # code of the column in which the items stand now → what is asked of them


def breaches_by_site(
    law: Law,
    before: Law,
    sites: Sequence[Subsite],
    day: date,
    shifts: Mapping[int, Questions],
    local: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
) -> dict[int, tuple[Breach, ...]]:
    """Return site id → breaches of the rules that the law has and the one before had not, and of those that items come under.

    `shifts` tells for each site what is asked of the items of columns that are given up, `local` which column of the law each
    of its own obeys.
    """
    new = {kind: _new_rules(law.of(kind), before.of(kind), day) for kind in {site.kind for site in sites}}
    asked = {
        site.pk: new[site.kind] | _of_own(new[site.kind], local.get(site.pk, {})) | shifts.get(site.pk, {})
        for site in sites
    }
    asked = {site_id: questions for site_id, questions in asked.items() if questions}
    if not asked:
        return {}
    contexts = _contexts(list(asked))
    counts: dict[int, dict[tuple[str, str, str, bool, str], int]] = defaultdict(lambda: defaultdict(int))
    for row in _rows(asked):
        question = asked[row["site_id"]].get(row["column_code"])
        for key in _broken(question, row, day, contexts[row["site_id"]]) if question else ():
            counts[row["site_id"]][key] += 1
    return {
        site: tuple(
            Breach(column, rule, severity, items, unknown, shift)
            for (column, rule, severity, unknown, shift), items in sorted(found.items())
        )
        for site, found in counts.items()
    }


def _of_own(new: Questions, local: Mapping[str, str]) -> Questions:
    """Return what is asked of the items of a site's own columns: the rules of the column above; they take every kind."""
    return {code: replace(new[above], asks_kind=False) for code, above in local.items() if above in new}


def _contexts(sites: list[int]) -> dict[int, Context]:
    """Return for each site what the gate knows of it: its waivers, and the calendar."""
    calendar, waivers = current_calendar(), standing_waivers(sites)

    def last_day(start: date, count: int, unit: str) -> date | None:
        return calendar.limit_end(start, count, unit).day

    return {site: Context(waivers=waivers.get(site, NONE), last_day=last_day) for site in sites}


def all_rules(column: ColumnLaw, day: date, shift: str, *, asks_kind: bool) -> Question:
    """Return the question whether items may come into this column."""
    return Question(replace(column, items=_that_matter(column, day), companions=()), asks_kind, shift)


def _that_matter(column: ColumnLaw, day: date, but: Collection[Any] = ()) -> tuple[Any, ...]:
    return tuple(rule for rule in column.items if rule not in but and rule.severity in MATTERS and rule.holds_on(day))


def _new_rules(law: SiteLaw, before: SiteLaw, day: date) -> Questions:
    """Return the columns of the law, each with nothing but the rules that are new or changed and matter."""
    found = {}
    for column in law.columns:
        known = before.column(column.code)
        rules = _that_matter(column, day, set(known.items) if known else ())
        narrowed = known is not None and bool(set(kinds_taken(known)) - set(kinds_taken(column)))
        if rules or narrowed:
            found[column.code] = Question(replace(column, items=rules, companions=()), narrowed)
    return found


def _rows(asked: Mapping[int, Questions]) -> Any:
    every = [question.column for questions in asked.values() for question in questions.values()]
    fields = {rule.field for column in every for rule in column.items}
    # A check may compare with another field.
    fields |= {
        str(word)
        for column in every
        for rule in column.items
        for word in (rule.argument if isinstance(rule.argument, tuple) else (rule.argument,))
    }
    names = {name for field in fields & ANSWERS.keys() for name in ANSWERS[field]} | {"image_ids"}
    codes = {code for questions in asked.values() for code in questions}
    rows = Resource.objects.filter(site__in=asked, column_code__in=codes, state=ResourceState.PUBLISHED)
    return rows.values("site_id", "column_code", "page_type", *sorted(names)).iterator(chunk_size=5000)


def _broken(
    question: Question, row: Mapping[str, Any], day: date, context: Context
) -> Iterator[tuple[str, str, str, bool, str]]:
    column = question.column
    facts = {field: _fact(field, row) for field, names in ANSWERS.items() if names[0] in row}
    unanswered = {rule.id for rule in column.items if rule.check in UNANSWERED}
    for verdict in check_item(column, facts, day, context):
        is_unknown = verdict.rule_id in unanswered
        if not (bool(row["image_ids"]) if is_unknown else not verdict.ok):
            continue
        # What nobody can answer has passed for kept, and been asked for no waiver.
        if not (verdict.waived or context.waivers.of(column.code, verdict.rule_id)):
            yield column.code, verdict.rule_id, verdict.severity, is_unknown, question.shift
    kind = _item_type(row["page_type"]) if question.asks_kind else ""
    if kind and not (placed := judge_place(Place(column.name, column, bool(column.fed_by)), kind)).ok:
        yield column.code, placed.rule_id, placed.severity, False, question.shift


@cache
def _item_type(page_type: str) -> str:
    """Return the kind of item that a page type of the sites is; empty for one that is none, or no more."""
    try:
        return str(getattr(apps.get_model(page_type), "item_type", ""))
    except (LookupError, ValueError):
        return ""


def _fact(field: str, row: Mapping[str, Any]) -> Any:
    """Return the value in the words that rules use, as pages say it (`law_facts`)."""
    values = [row[name] for name in ANSWERS[field]]
    if field in _SEVERAL:
        return tuple(item for value in values for item in value or ())
    if field == ItemField.THEME:
        return str(Theme(values[0]).label) if values[0] else ""
    if field == ItemField.VALIDITY:
        validity, is_current = values
        in_force = "" if is_current is None else "有效" if is_current else "失效"
        return str(Validity(validity).label) if validity else in_force
    return values[0]
