"""The plan of a version over all sites, made before anything happens: steps, conflicts, items that new rules would stop.

Called by the command and the console (show it) and by applying (who is behind). A few set-based queries, no site is entered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from cluster.column_templates.breaking import Breach, Questions, all_rules, breaches_by_site
from cluster.column_templates.comparing import columns_in_force, compare
from cluster.column_templates.law import ColumnLaw, Law
from cluster.column_templates.models import SiteVersion
from cluster.column_templates.steps import Action, Comparison
from cluster.column_templates.trees import StandingColumn, read_sites
from cluster.subsites.base_schemas import base_site
from cluster.subsites.models import SiteKind, SiteState, Subsite


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What a version would do to one site, or to the mould of a kind (without a code)."""

    code: str
    name: str
    kind: str
    schema_name: str
    version_now: int | None
    comparison: Comparison
    breaches: tuple[Breach, ...] = ()

    @property
    def is_in_step(self) -> bool:
        """Whether nothing would change."""
        return not self.comparison.steps

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain values."""
        return {
            "site": self.code,
            "name": self.name,
            "kind": self.kind,
            "version_now": self.version_now,
            "steps": [{**asdict(step), "action": step.action.value} for step in self.comparison.steps],
            "conflicts": list(self.comparison.conflicts),
            "breaches": [asdict(breach) for breach in self.breaches],
        }


def planned_sites(code: str = "") -> list[Subsite]:
    """Return the sites that follow the templates: all that are not closed, or the one of this code."""
    sites = Subsite.objects.exclude(state=SiteState.CLOSED).exclude(kind=SiteKind.CONSOLE).order_by("id")
    return list(sites.filter(code=code) if code else sites)


def plan_sites(
    law: Law, sites: Sequence[Subsite], *, before: Law | None = None, day: date | None = None
) -> list[SitePlan]:
    """Plan a version for these sites, moulds among them; with the law before, count what its new rules would stop."""
    day = day or timezone.localdate()
    standing = read_sites([site.schema_name for site in sites])
    versions = dict(SiteVersion.objects.values_list("site_id", "version"))
    wanted = {kind: columns_in_force(law.of(kind), day) for kind in {site.kind for site in sites}}
    compared = {
        site.schema_name: compare(law.of(site.kind), day, standing[site.schema_name])
        for site in sites
        if site.schema_name in standing
    }
    breaches = {}
    if before:
        living = [site for site in sites if site.pk and site.schema_name in standing]
        shifts = {
            site.pk: _shifts(wanted[site.kind], standing[site.schema_name].columns, compared[site.schema_name], day)
            for site in living
        }
        local = {site.pk: _local(wanted[site.kind], standing[site.schema_name].columns) for site in living}
        breaches = breaches_by_site(law, before, living, day, shifts, local)
    return [
        SitePlan(
            code=site.code,
            name=site.name,
            kind=site.kind,
            schema_name=site.schema_name,
            version_now=versions.get(site.pk),
            comparison=compared[site.schema_name],
            breaches=breaches.get(site.pk, ()),
        )
        for site in sites
        if site.schema_name in standing
    ]


def _shifts(
    columns: Sequence[ColumnLaw], standing: Sequence[StandingColumn], comparison: Comparison, day: date
) -> Questions:
    """Return what is asked of the items of columns that are given up: by the heir, or by the column of the law above them."""
    laws = {column.code: column for column in columns}
    above = {column.code: column.parent_code for column in standing}
    given_up = {step.code: step for step in comparison.steps if step.action in (Action.MERGE, Action.RETIRE)}
    found: Questions = {}
    for column in standing:
        code, step = column.code, given_up.get(column.code)
        # A column of the site's own goes with the one above it.
        while code and code not in laws and step is None:
            code = above.get(code, "")
            step = given_up.get(code)
        if step is None:
            continue
        heir = step.target
        while step.action == Action.RETIRE and code and code not in laws:
            code = heir = above.get(code, "")
        if heir in laws:
            asks_kind = step.action == Action.MERGE and column.code == step.code
            found[column.code] = all_rules(laws[heir], day, step.action.value, asks_kind=asks_kind)
    return found


def _local(columns: Sequence[ColumnLaw], standing: Sequence[StandingColumn]) -> dict[str, str]:
    """Return each column that the law has not → the nearest one above it that the law has."""
    laws = {column.code for column in columns}
    above = {column.code: column.parent_code for column in standing}
    found = {}
    for code in above.keys() - laws:
        way = above[code]
        while way and way not in laws:
            way = above.get(way, "")
        if way:
            found[code] = way
    return found


def moulds() -> list[Subsite]:
    """Return the moulds of all kinds that have columns."""
    return [base_site(kind) for kind in SiteKind.values if kind != SiteKind.CONSOLE]


def summary(plans: Iterable[SitePlan]) -> dict[str, int]:
    """Count steps by action, conflicts and items that would be stopped."""
    counts: dict[str, int] = {"conflicts": 0, "breaches": 0}
    for plan in plans:
        counts["conflicts"] += len(plan.comparison.conflicts)
        counts["breaches"] += sum(breach.items for breach in plan.breaches)
        for step in plan.comparison.steps:
            counts[step.action.value] = counts.get(step.action.value, 0) + 1
    return counts
