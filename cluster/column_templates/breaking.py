"""How many published items the rules of a new version would stop, counted from the registry before the version is in force.

Called by planning with the questions of each site (see `questions`), which are asked as the gate asks them: with the calendar and the
waivers of the site. What the registry does not hold is said to be unknown, what is waived is counted apart.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps

from cluster.column_templates.checking import Context, check_item
from cluster.column_templates.placing import Place, judge_place
from cluster.column_templates.questions import Questions
from cluster.column_templates.standing import NONE, standing_waivers
from cluster.column_templates.steps import Action
from cluster.column_templates.turning import Question
from cluster.column_templates.vocabulary import Check, ItemField, Severity
from cluster.column_templates.wording import demand_text
from cluster.resources.documents import Theme, Validity
from cluster.resources.models import Resource, ResourceState
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
# What `<column>.takes` asks.
TAKES = "栏目收的内容类型"
# Of pictures the registry knows which, not whether words stand beside them.
UNANSWERED = frozenset({Check.ALTERNATIVE_TEXT.value})


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule and the published items that break it; `unknown` where the registry cannot tell.

    `shift` says why a rule that is not new is asked: the items' column is merged into this one, or handed to the site. `since` is
    the day from which it is asked, empty for at once; `waived` says who lets the site break the rule.
    """

    column: str
    rule: str
    severity: str
    items: int
    unknown: bool = False
    shift: str = ""  # "", Action.MERGE, Action.RETIRE
    since: str = ""
    waived: str = ""
    # What the rule asks, in words.
    asks: str = ""

    @property
    def text(self) -> str:
        """What the plan tells people: since when, the rule, how many, and what becomes of them."""
        begin = {Action.MERGE: "并入后适用的规则", Action.RETIRE: "转为自设后适用的规则"}.get(self.shift, "新规则")  # type: ignore[call-overload]
        day = f"自 {self.since} 起，" if self.since else ""
        rule = f"“{self.asks}”（{self.rule}，{Severity(self.severity).label}）"
        return f"{day}{begin}{rule}：{self.items} {self._found}"

    @property
    def _found(self) -> str:
        # Whoever reads the number must not take what nobody could ask for what breaks the rule.
        asked = "条信息带有图片，信息资源库不记图片的替代文字，方案无法判断，请逐条核对"
        found = asked if self.unknown else "条信息不符合"
        if self.waived:
            return f"{found}，已豁免：{self.waived}"
        if not self._consequence:
            return found
        return f"{found}；不符合的{self._consequence}" if self.unknown else f"{found}，{self._consequence}"

    @property
    def _consequence(self) -> str:
        if self.shift == Action.MERGE:
            stays = "留在原栏目，原栏目转为自设栏目"
            return stays if self.severity != Severity.WARNING else "照常并入，理由记入台账"
        return "留在原处，标记后由网站修改" if self.shift else ""


# What tells breaches of a site apart: since, column, rule, severity, unknown, shift, waived.
_Key = tuple[str, str, str, str, bool, str, str]


def breaches_by_site(asked: Mapping[int, Questions], today: date) -> dict[int, tuple[Breach, ...]]:
    """Return site id → the breaches that come out when the sites' questions are put to the registry, the waived ones marked."""
    asked = {site_id: questions for site_id, questions in asked.items() if questions}
    if not asked:
        return {}
    contexts = _contexts(list(asked))
    counts: dict[int, dict[_Key, int]] = defaultdict(lambda: defaultdict(int))
    for row in _rows(asked):
        questions = asked[row["site_id"]].get(row["column_code"], ())
        facts = (
            {field: registered_fact(field, row) for field, names in ANSWERS.items() if names[0] in row}
            if questions
            else {}
        )
        for question in questions:
            for key in _broken(question, row, facts, today, contexts[row["site_id"]]):
                counts[row["site_id"]][key] += 1
    return {
        site: tuple(
            Breach(column, rule, severity, items, unknown, shift, since, waived, words[rule])
            for (since, column, rule, severity, unknown, shift, waived), items in sorted(found.items())
        )
        for site, found in counts.items()
        for words in (_words(asked[site]),)
    }


def _words(questions: Questions) -> Mapping[str, str]:
    """Return rule → what it asks, in words; another one is that on the kinds of items."""
    rules = (rule for several in questions.values() for one in several for rule in one.column.items)
    return defaultdict(lambda: TAKES, {rule.id: demand_text(rule) for rule in rules})


def _contexts(sites: list[int]) -> dict[int, Context]:
    """Return for each site what the gate knows of it: its waivers, and the calendar."""
    calendar, waivers = current_calendar(), standing_waivers(sites)

    def last_day(start: date, count: int, unit: str) -> date | None:
        return calendar.limit_end(start, count, unit).day

    return {site: Context(waivers=waivers.get(site, NONE), last_day=last_day) for site in sites}


def _rows(asked: Mapping[int, Questions]) -> Any:
    every = [one.column for questions in asked.values() for several in questions.values() for one in several]
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
    question: Question, row: Mapping[str, Any], facts: Mapping[str, Any], today: date, context: Context
) -> Iterator[_Key]:
    column, day = question.column, question.since or today
    since = day.isoformat() if question.since else ""
    unanswered = {rule.id for rule in column.items if rule.check in UNANSWERED}
    for verdict in check_item(column, facts, day, context):
        is_unknown = verdict.rule_id in unanswered
        if bool(row["image_ids"]) if is_unknown else not verdict.ok:
            # What nobody can answer has passed for kept, and been asked for no waiver.
            waiver = verdict.waiver or context.waivers.of(column.code, verdict.rule_id)
            waived = waiver.text if waiver and day <= waiver.expires_on else ""
            yield since, column.code, verdict.rule_id, verdict.severity, is_unknown, question.shift, waived
    kind = _item_type(row["page_type"]) if question.asks_kind else ""
    if kind and not (placed := judge_place(Place(column.name, column, bool(column.fed_by)), kind)).ok:
        yield since, column.code, placed.rule_id, placed.severity, False, question.shift, ""


@cache
def _item_type(page_type: str) -> str:
    """Return the kind of item that a page type of the sites is; empty for one that is none, or no more."""
    try:
        return str(getattr(apps.get_model(page_type), "item_type", ""))
    except (LookupError, ValueError):
        return ""


def registered_fact(field: str, row: Mapping[str, Any]) -> Any:
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
