"""Ask the registry which items break a rule: one query for all sites, with the first few as examples.

Called by the rules about items. `condition` is SQL of our own over `r` (the registry's row) and `item` (its first publication).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from cluster.inspection.facts import Facts, scope_of
from cluster.inspection.judging import is_waived
from cluster.inspection.verdict import EXAMPLES, Grade, Verdict


@dataclass(frozen=True, slots=True)
class Fault:
    """How many items of a column break the rule, and the first of them."""

    column_code: str
    count: int
    examples: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Faults:
    """site → its faults by column, and how many items were looked at."""

    by_site: Mapping[int, list[Fault]]

    def verdicts(
        self, facts: Facts, rule: tuple[str, str, Grade], basis: str, *, good: str, bad: str, cure: str
    ) -> dict[int, Verdict]:
        """Return the verdict on each site; faults in a waived column do not count."""
        rule_id, title, grade = rule
        found = {}
        for site in facts.sites:
            faults = self.by_site.get(site.pk, [])
            waived = [one for one in faults if is_waived(facts, site.pk, one.column_code, rule_id)]
            counted = [one for one in faults if one not in waived]
            number = sum(one.count for one in counted)
            found[site.pk] = Verdict(
                rule_id,
                title,
                site.code,
                not number,
                grade,
                f"{number}{bad}。" if number else good,
                basis,
                cure if number else "",
                waived=bool(waived),
                evidence={
                    "count": number,
                    "examples": [example for one in counted for example in one.examples][:EXAMPLES],
                    "waived": sum(one.count for one in waived),
                },
            )
        return found


def faulty_items(
    facts: Facts, condition: str, *, shown: str = "'{}'::jsonb", values: Mapping[str, Any] | None = None
) -> Faults:
    """Return the items that meet the condition; `shown` is SQL for what an example tells beside title and address."""
    scope = scope_of(facts.moment, None if facts.sites is facts.every else facts.sites)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {scope.items}, bad AS (
                  SELECT item.site_id, item.column_code, r.title, r.path, r.id, {shown} AS shown,
                         row_number() OVER (PARTITION BY item.site_id, item.column_code ORDER BY r.published_at DESC, r.id) AS place,
                         count(*) OVER (PARTITION BY item.site_id, item.column_code) AS number
                  FROM item JOIN public.resources_resource r ON r.id = item.id
                  WHERE r.state = 'published' AND ({condition}))
                SELECT site_id, column_code, number, jsonb_agg(jsonb_build_object('title', title, 'path', path, 'resource', id)
                       || shown ORDER BY place) FROM bad WHERE place <= {EXAMPLES} GROUP BY site_id, column_code, number
                ORDER BY site_id, column_code""",
            {**scope.values, **(values or {})},
        )
        found: dict[int, list[Fault]] = {}
        for site_id, column_code, number, examples in cursor.fetchall():
            found.setdefault(site_id, []).append(Fault(column_code, number, _read(examples)))
    return Faults(found)


def _read(examples: Any) -> list[dict[str, Any]]:
    import json

    return json.loads(examples) if isinstance(examples, str) else examples
