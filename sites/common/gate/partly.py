"""Judge what can still be read of pages that are held: title, source, summary, dates, without body and files.

Called by rechecking. An error of the program takes off no pages in masses, but broken bodies are no cover either: where a field
that can be read was changed since the registry last heard of it, it is judged like any other change around the gate.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from wagtail.models import Page

from cluster.column_templates.breaking import ANSWERS, registered_fact
from cluster.column_templates.checking import Verdict, check_item
from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.placing import judge_place
from cluster.column_templates.vocabulary import ItemField, Severity
from cluster.resources.entries import sort_out
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from sites.common.body import SUMMARY_LENGTH
from sites.common.gate.examining import Examined, SiteQuestions, with_those_that_stood
from sites.common.gate.holding import READABLE
from sites.common.gate.last_passes import last_passes
from sites.common.gate.sorting import Sorting
from sites.common.models import ListedPage

PARTLY = Verdict(
    READABLE,
    False,
    Severity.WARNING.value,
    "正文等其余内容读不出来，没有检查。",
    cure="请在后台的历史版本中恢复一个完好的版本，再重新发布；打不开的，请与系统管理员联系。",
)


class Part(NamedTuple):
    """An item as far as it can be read, and the facts that stand there."""

    item: ListedPage
    facts: Mapping[str, Any]


def refused_in_part(site: Subsite, held: Sequence[Page]) -> list[Examined]:
    """Return those of the pages that must go, whatever their bodies say: a rule refuses what can be read of them."""
    parts, _ = sort_out(_read, held)
    if not parts:
        return []
    sorting, rows = Sorting(site, last_passes(parts)), _registered(site, parts)
    by_moment: dict[datetime, list[Part]] = defaultdict(list)
    for page_id, part in parts.items():
        moment = sorting.moment_of_part(part.item, as_entered=_is_as_entered(part, rows.get(page_id)))
        if moment is not None:
            by_moment[moment].append(part)
    judged = [one for moment, several in by_moment.items() for one in _examine(site, several, moment)]
    return [replace(one, verdicts=(*one.stopping, PARTLY)) for one in judged if one.stopping]


def _read(pages: list[Page]) -> dict[int, Part]:
    by_type: dict[type[ListedPage], list[int]] = defaultdict(list)
    for page in pages:
        model = page.specific_class
        if model is not None and issubclass(model, ListedPage):
            by_type[model].append(page.pk)
    items = [
        item
        for model, ids in by_type.items()
        for item in model._default_manager.defer_streamfields().filter(pk__in=ids)
    ]
    return {item.pk: Part(item, item.plain_facts()) for item in items}


def _registered(site: Subsite, page_ids: Mapping[int, Part]) -> dict[int, dict[str, Any]]:
    names = {name for several in ANSWERS.values() for name in several}
    rows = Resource.objects.filter(site=site, page_id__in=list(page_ids)).values("page_id", *names)
    return {row["page_id"]: row for row in rows}


def _is_as_entered(part: Part, row: Mapping[str, Any] | None) -> bool:
    """Whether the registry has the same, from when the page could be read: then an error of the program is all that is new."""
    return row is not None and all(_is_same(part, field, row) for field in part.facts)


def _is_same(part: Part, field: str, row: Mapping[str, Any]) -> bool:
    value, known = part.facts[field] or None, registered_fact(field, row) or None
    if field == ItemField.PUBLISHED_AT:
        value = value or part.item.first_published_at
    elif field == ItemField.SUMMARY and value is None:
        value = row["text"][:SUMMARY_LENGTH] or None
    elif field == ItemField.INDEX_NUMBER and part.item.alias_of_id:
        return True  # a mirror shows that of its original, and enters none
    return bool(value == known)


def _examine(site: Subsite, parts: Sequence[Part], at: datetime) -> list[Examined]:
    questions, found = SiteQuestions(site, at), []
    for item, facts in parts:
        place = item.path[: -item.steplen]
        column = questions.column_of(place)
        placed = judge_place(questions.place_at(place), item.item_type)
        verdicts = (placed, *(_of_what_is_read(column, facts, at, questions) if column else ()))
        found.append(Examined(item, column, verdicts, "", questions.version, questions.id_at(place)))
    return with_those_that_stood(found)


def _of_what_is_read(
    column: ColumnLaw, facts: Mapping[str, Any], at: datetime, questions: SiteQuestions
) -> list[Verdict]:
    """Return the verdicts of those rules whose field is read; what is not read breaks none."""
    asked = {rule.id for rule in column.items if rule.field in facts}
    verdicts = check_item(column, facts, timezone.localdate(at), questions.base)
    return [verdict for verdict in verdicts if verdict.rule_id in asked]
