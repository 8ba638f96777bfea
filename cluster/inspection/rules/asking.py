"""Ask the registry which items break a rule: one query for all sites, with the first few as examples.

Called by the rules about items. Conditions are SQL of our own over `r` (the registry's row) and `item` (its first publication).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from cluster.column_templates.inspected import TITLES
from cluster.column_templates.standing import StandingWaiver
from cluster.column_templates.vocabulary import Severity
from cluster.inspection.facts import Drift, Facts, SiteFacts, scope_of
from cluster.inspection.verdict import EXAMPLES, Grade, Verdict, gravest


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a rule asks of an item: `broken` holds where it is not so.

    `waived_by` names the rules of a column (`<field>.<check>`) that ask the same of an item at its publication: whoever need not
    keep them there is not faulted here.
    """

    broken: str
    waived_by: tuple[str, ...]
    # What examples call it.
    name: str = ""
    # Whether the law says how much it weighs, in the companion rule of the column that asks the same; else the norm does. A rule
    # about items that asks the same makes it a veto where it is one itself, and no lighter than the norm otherwise.
    is_weighed_by_law: bool = False


@dataclass(frozen=True, slots=True)
class RegistryRule:
    """A rule about items: what it asks, of which of them, and how its verdict reads."""

    rule_id: str
    demands: Mapping[str, Demand]
    basis: str
    good: str
    bad: str
    cure: str
    grade: Grade = Grade.MEDIUM
    among: str = "true"
    # SQL for what an example tells beside title and address.
    shown: str = "'{}'::jsonb"
    values: Mapping[str, Any] = field(default_factory=dict)

    def verdicts(self, facts: Facts) -> dict[int, Verdict]:
        """Return the verdict on each site; waived faults are told, but do not count."""
        faults = self._faults(facts)
        return {site.pk: self._verdict(facts, site, faults.get(site.pk, ())) for site in facts.sites}

    def _verdict(self, facts: Facts, site: SiteFacts, faults: Sequence["Fault"]) -> Verdict:
        waivers = [self._waivers(facts, site, fault) for fault in faults]
        counted = [fault for fault, found in zip(faults, waivers, strict=True) if not found]
        number = sum(fault.count for fault in counted)
        drift, grade = facts.drift.get(site.pk, Drift()), self._grade(facts, site, counted)
        return Verdict(
            self.rule_id,
            TITLES[self.rule_id],
            site.code,
            not number,
            grade,
            self._sentence(number, grade) if number else self.good,
            self.basis,
            self.cure if number else "",
            waivers=tuple(dict.fromkeys(waiver for found in waivers for waiver in found)),
            evidence={
                "count": number,
                "examples": [example for fault in counted for example in fault.examples][:EXAMPLES],
                "columns": [
                    {"code": one.column_code, "parts": one.parts, "count": one.count, "newest": one.examples[0]}
                    for one in counted
                ],
                "waived": sum(fault.count for fault in faults) - number,
                "revised_since": drift.revised,
                "withdrawn_since": drift.withdrawn,
            },
            note=drift.note,
        )

    def _sentence(self, number: int, grade: Grade) -> str:
        return f"{number}{self.bad}{'，栏目模板定为单项否决' if grade == Grade.VETO else ''}。"

    def _grade(self, facts: Facts, site: SiteFacts, counted: Sequence["Fault"]) -> Grade:
        """Return what the faults weigh: what the norm says, or the law of companions; a veto of the law about items tops both."""
        if any(self._is_veto(facts, site, fault) for fault in counted):
            return Grade.VETO
        declared = [
            severity
            for fault in counted
            for part in fault.parts
            if self.demands[part].is_weighed_by_law
            for severity in self._severities(facts, site, fault.column_code, self.demands[part])
        ]
        return gravest(declared) if declared else self.grade

    def _is_veto(self, facts: Facts, site: SiteFacts, fault: "Fault") -> bool:
        """Whether a rule of the items' column that asks what is wrong with them is a veto."""
        column = facts.moment.law.of(site.kind).column(facts.template_code(site, fault.column_code))
        if column is None:
            return False
        ids = {f"{column.code}.{one}" for part in fault.parts for one in self.demands[part].waived_by}
        vetoes = (rule for rule in column.items if rule.severity == Severity.VETO and rule.id in ids)
        return any(rule.holds_on(facts.moment.day) for rule in vetoes)

    @staticmethod
    def _severities(facts: Facts, site: SiteFacts, code: str, demand: Demand) -> list[str]:
        """Return the severities of the column's companion rules that ask the same."""
        column = facts.moment.law.of(site.kind).column(facts.template_code(site, code))
        ids = {f"{column.code}.{one}" for one in demand.waived_by} if column else set()
        return [rule.severity for rule in (column.companions if column else ()) if rule.id in ids]

    def _waivers(self, facts: Facts, site: SiteFacts, fault: "Fault") -> list[StandingWaiver]:
        """Return what waives everything that is wrong with these items; nothing if a part of it is not waived."""
        found = [
            facts.waiver(site, fault.column_code, self.rule_id, *(f".{one}" for one in self.demands[part].waived_by))
            for part in fault.parts
        ]
        return [waiver for waiver in found if waiver] if all(found) else []

    def _faults(self, facts: Facts) -> dict[int, list["Fault"]]:
        """Ask; faults of a column that break the same demands are one."""
        scope = scope_of(facts.moment, None if facts.sites is facts.every else facts.sites)
        broken = ", ".join(f"CASE WHEN {one.broken} THEN '{part}' END" for part, one in self.demands.items())
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH {scope.items}, judged AS (
                      SELECT item.site_id, item.column_code, r.title, r.path, r.id, item.first_at, {self.shown} AS shown,
                             array_remove(ARRAY[{broken}], NULL) AS parts
                      FROM item JOIN public.resources_resource r ON r.id = item.id
                      WHERE r.state = 'published' AND ({self.among})),
                    bad AS (
                      SELECT *, count(*) OVER same AS number, row_number() OVER (same ORDER BY first_at DESC NULLS LAST, id) AS place
                      FROM judged WHERE parts <> '{{}}' WINDOW same AS (PARTITION BY site_id, column_code, parts))
                    SELECT site_id, column_code, parts, number,
                           jsonb_agg(jsonb_build_object('title', title, 'path', path, 'resource', id) || shown ORDER BY place)
                    FROM bad WHERE place <= {EXAMPLES} GROUP BY site_id, column_code, parts, number
                    ORDER BY site_id, column_code, parts""",
                {**scope.values, **self.values},
            )
            found: dict[int, list[Fault]] = {}
            for site_id, column_code, parts, number, examples in cursor.fetchall():
                told = [self._told(example, parts) for example in _read(examples)]
                found.setdefault(site_id, []).append(Fault(column_code, tuple(parts), number, told))
        return found

    def _told(self, example: dict[str, Any], parts: Sequence[str]) -> dict[str, Any]:
        named = [self.demands[part].name for part in parts if self.demands[part].name]
        return {**example, "missing": "、".join(named)} if named else example


@dataclass(frozen=True, slots=True)
class Fault:
    """Items of a column that break the same demands: how many, and the first of them."""

    column_code: str
    parts: tuple[str, ...]
    count: int
    examples: list[dict[str, Any]]


def _read(examples: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(examples) if isinstance(examples, str) else examples
    return found
