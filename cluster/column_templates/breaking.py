"""How many published items the rules of a new version would stop, counted from the registry before the version is in force.

Called by planning. Only rules that are new or changed are asked, as the gate asks them: with the calendar and the waivers of the
site. What the registry does not hold is said to be unknown.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cluster.column_templates.checking import Context, check_item
from cluster.column_templates.law import ColumnLaw, Law, SiteLaw
from cluster.column_templates.standing import NONE, standing_waivers
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
    """A new rule and the published items that break it; `unknown` where the registry cannot tell."""

    column: str
    rule: str
    severity: str
    items: int
    unknown: bool = False


def breaches_by_site(law: Law, before: Law, sites: Sequence[Subsite], day: date) -> dict[int, tuple[Breach, ...]]:
    """Return site id → breaches of the rules that the law has and the one before had not."""
    new = {kind: _new_rules(law.of(kind), before.of(kind), day) for kind in {site.kind for site in sites}}
    kinds = {site.pk: site.kind for site in sites if new[site.kind]}
    codes = {code for columns in new.values() for code in columns}
    if not kinds:
        return {}
    contexts = _contexts(list(kinds))
    counts: dict[int, dict[tuple[str, str, str, bool], int]] = defaultdict(lambda: defaultdict(int))
    for row in _rows(list(kinds), codes, new):
        column = new[kinds[row["site_id"]]].get(row["column_code"])
        for key in _broken(column, row, day, contexts[row["site_id"]]) if column else ():
            counts[row["site_id"]][key] += 1
    return {
        site: tuple(
            Breach(column, rule, severity, items, unknown)
            for (column, rule, severity, unknown), items in sorted(found.items())
        )
        for site, found in counts.items()
    }


def _contexts(sites: list[int]) -> dict[int, Context]:
    """Return for each site what the gate knows of it: its waivers, and the calendar."""
    calendar, waivers = current_calendar(), standing_waivers(sites)

    def last_day(start: date, count: int, unit: str) -> date | None:
        return calendar.limit_end(start, count, unit).day

    return {site: Context(waivers=waivers.get(site, NONE), last_day=last_day) for site in sites}


def _new_rules(law: SiteLaw, before: SiteLaw, day: date) -> dict[str, ColumnLaw]:
    """Return the columns of the law, each with nothing but the rules that are new or changed and matter."""
    found = {}
    for column in law.columns:
        known = before.column(column.code)
        old = set(known.items) if known else set()
        rules = tuple(
            rule for rule in column.items if rule not in old and rule.severity in MATTERS and rule.holds_on(day)
        )
        if rules:
            found[column.code] = replace(column, items=rules, companions=())
    return found


def _rows(sites: list[int], codes: set[str], new: Mapping[str, Mapping[str, ColumnLaw]]) -> Any:
    asked = {rule.field for columns in new.values() for column in columns.values() for rule in column.items}
    # A check may compare with another field.
    asked |= {
        str(word)
        for columns in new.values()
        for column in columns.values()
        for rule in column.items
        for word in (rule.argument if isinstance(rule.argument, tuple) else (rule.argument,))
    }
    names = {name for field in asked & ANSWERS.keys() for name in ANSWERS[field]} | {"image_ids"}
    rows = Resource.objects.filter(site__in=sites, column_code__in=codes, state=ResourceState.PUBLISHED)
    return rows.values("site_id", "column_code", *sorted(names)).iterator(chunk_size=5000)


def _broken(column: ColumnLaw, row: Mapping[str, Any], day: date, context: Context) -> list[tuple[str, str, str, bool]]:
    facts = {field: _fact(field, row) for field, names in ANSWERS.items() if names[0] in row}
    unanswered = {rule.id for rule in column.items if rule.check in UNANSWERED}
    return [
        (column.code, verdict.rule_id, verdict.severity, verdict.rule_id in unanswered)
        for verdict in check_item(column, facts, day, context)
        if not verdict.waived and (bool(row["image_ids"]) if verdict.rule_id in unanswered else not verdict.ok)
    ]


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
