"""How many published items the rules of a new version would stop, counted from the registry before the version is in force.

Called by planning. Only rules that are new or changed are asked; what the registry does not hold is said to be unknown.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cluster.column_templates.checking import check_item
from cluster.column_templates.law import ColumnLaw, Law, SiteLaw
from cluster.column_templates.vocabulary import ItemField, Severity
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import Subsite

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
}
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
    counts: dict[int, dict[tuple[str, str, str, bool], int]] = defaultdict(lambda: defaultdict(int))
    for row in _rows(list(kinds), codes, new):
        column = new[kinds[row["site_id"]]].get(row["column_code"])
        for key in _broken(column, row, day) if column else ():
            counts[row["site_id"]][key] += 1
    return {
        site: tuple(
            Breach(column, rule, severity, items, unknown)
            for (column, rule, severity, unknown), items in sorted(found.items())
        )
        for site, found in counts.items()
    }


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
    names = {name for field in asked & ANSWERS.keys() for name in ANSWERS[field]}
    rows = Resource.objects.filter(site__in=sites, column_code__in=codes, state=ResourceState.PUBLISHED)
    return rows.values("site_id", "column_code", *sorted(names)).iterator(chunk_size=5000)


def _broken(column: ColumnLaw, row: Mapping[str, Any], day: date) -> list[tuple[str, str, str, bool]]:
    facts = {field: _fact(field, row) for field, names in ANSWERS.items() if names[0] in row}
    unknown = {rule.id for rule in column.items if rule.field not in ANSWERS}
    return [
        (column.code, verdict.rule_id, verdict.severity, verdict.rule_id in unknown)
        for verdict in check_item(column, facts, day)
        if not verdict.ok or verdict.rule_id in unknown
    ]


def _fact(field: str, row: Mapping[str, Any]) -> Any:
    values = [row[name] for name in ANSWERS[field]]
    if field in {ItemField.ATTACHMENT.value, ItemField.DOCUMENT_NUMBER.value}:
        return tuple(item for value in values for item in value or ())
    return values[0]
