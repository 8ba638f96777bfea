"""The plan of a version over all sites, made before anything happens: steps, conflicts, items that new rules would stop.

And what is to come: columns that begin or end later, rules that hold later, columns that would be late the moment it is in force.
Called by the command and the console (show it) and by applying (who is behind). A few set-based queries, no site is entered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from cluster.column_templates.breaking import Breach, breaches_by_site
from cluster.column_templates.comparing import compare
from cluster.column_templates.later import Later, foresee
from cluster.column_templates.law import Law
from cluster.column_templates.models import SiteVersion
from cluster.column_templates.questions import Questions, given_up, questions_of
from cluster.column_templates.steps import Comparison
from cluster.column_templates.trees import StandingSite, read_sites
from cluster.column_templates.turning import turns_of
from cluster.inspection.foreseeing import LateColumn, newly_late
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
    later: tuple[Later, ...] = ()
    late: tuple[LateColumn, ...] = ()

    @property
    def is_in_step(self) -> bool:
        """Whether nothing would change at once."""
        return not self.comparison.steps

    @property
    def has_news(self) -> bool:
        """Whether there is anything to tell people."""
        told = self.comparison.steps or self.comparison.conflicts or self.breaches or self.later or self.late
        return bool(told)

    @property
    def called(self) -> str:
        """The site as people know it, and commands do; a mould has no code."""
        return f"{self.name}（{self.code}）" if self.code else self.name

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
            "later": [one.as_json() for one in self.later],
            "late": [asdict(column) for column in self.late],
        }


def planned_sites(code: str = "") -> list[Subsite]:
    """Return the sites that follow the templates: all that are not closed, or the one of this code."""
    sites = Subsite.objects.exclude(state=SiteState.CLOSED).exclude(kind=SiteKind.CONSOLE).order_by("id")
    return list(sites.filter(code=code) if code else sites)


def plan_sites(
    law: Law, sites: Sequence[Subsite], *, before: Law | None = None, day: date | None = None
) -> list[SitePlan]:
    """Plan a version for these sites, moulds among them; with the law before, foresee what comes later and what it would stop."""
    day = day or timezone.localdate()
    standing = read_sites([site.schema_name for site in sites])
    versions = dict(SiteVersion.objects.values_list("site_id", "version"))
    there = [site for site in sites if site.schema_name in standing]
    compared = {site.schema_name: compare(law.of(site.kind), day, standing[site.schema_name]) for site in there}
    foreseen = _foresee(law, before, there, day, standing, compared) if before else _Foreseen()
    return [
        SitePlan(
            code=site.code,
            name=site.name,
            kind=site.kind,
            schema_name=site.schema_name,
            version_now=versions.get(site.pk),
            comparison=compared[site.schema_name],
            breaches=foreseen.breaches.get(site.pk, ()),
            later=foreseen.later.get(site.schema_name, ()),
            late=foreseen.late.get(site.pk, ()),
        )
        for site in there
    ]


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What a version would bring beside its steps: by schema, and by the ids of living sites."""

    later: Mapping[str, tuple[Later, ...]] = field(default_factory=dict)
    breaches: Mapping[int, tuple[Breach, ...]] = field(default_factory=dict)
    late: Mapping[int, tuple[LateColumn, ...]] = field(default_factory=dict)


def _foresee(
    law: Law,
    before: Law,
    sites: Sequence[Subsite],
    day: date,
    standing: Mapping[str, StandingSite],
    compared: Mapping[str, Comparison],
) -> _Foreseen:
    turns = {kind: turns_of(law.of(kind), before.of(kind), day) for kind in {site.kind for site in sites}}
    later = {
        name: foresee(turns[kind], standing[name].columns, compared[name])
        for kind, name in ((site.kind, site.schema_name) for site in sites)
    }
    living = [site for site in sites if site.pk]
    asked: dict[int, Questions] = {}
    for site in living:
        name = site.schema_name
        leaving = {day: given_up(compared[name].steps)} | {one.day: given_up(one.steps) for one in later[name]}
        asked[site.pk] = questions_of(turns[site.kind], standing[name].columns, leaving)
    late = newly_late(law, before, {site.code for site in living})
    return _Foreseen(later, breaches_by_site(asked, day), late)


def moulds() -> list[Subsite]:
    """Return the moulds of all kinds that have columns."""
    return [base_site(kind) for kind in SiteKind.values if kind != SiteKind.CONSOLE]


def summary(plans: Iterable[SitePlan]) -> dict[str, int]:
    """Count steps by action, conflicts, items that would be stopped, what is waived, and what is to come."""
    counts = dict.fromkeys(("conflicts", "breaches", "waived", "breaches_later", "late", "late_sites", "later"), 0)
    for plan in plans:
        counts["conflicts"] += len(plan.comparison.conflicts)
        for breach in plan.breaches:
            counts["waived" if breach.waived else "breaches_later" if breach.since else "breaches"] += breach.items
        counts["late"] += sum(not column.waived for column in plan.late)
        counts["late_sites"] += any(not column.waived for column in plan.late)
        counts["later"] += sum(len(one.steps) for one in plan.later)
        for step in plan.comparison.steps:
            counts[step.action.value] = counts.get(step.action.value, 0) + 1
    return counts


def summary_text(counts: Mapping[str, int]) -> str:
    """Say the counts of conflicts, items and columns in one line."""
    said = [f"冲突 {counts['conflicts']} 处", f"不符合规则的信息 {counts['breaches']} 条"]
    if counts["breaches_later"]:
        said.append(f"今后才不符合的 {counts['breaches_later']} 条")
    if counts["waived"]:
        said.append(f"已豁免的 {counts['waived']} 条")
    if counts["late"]:
        said.append(f"一应用就超期的栏目 {counts['late']} 个，在 {counts['late_sites']} 个站点")
    if counts["later"]:
        said.append(f"今后的调整 {counts['later']} 处")
    return "；".join(said)
