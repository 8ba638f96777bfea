"""Which columns would be late the moment a version comes into force, and are not by the one before.

Asked by plans (cluster.column_templates.planning); judged as the clock judges, from the same facts, by the two laws.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from cluster.column_templates.law import ColumnLaw, Law, SiteLaw
from cluster.inspection.facts import Facts, SiteFacts, read_facts
from cluster.inspection.judging import Totals, judge_column
from cluster.inspection.models import Clock
from cluster.inspection.moment import moment_of


@dataclass(frozen=True, slots=True)
class LateColumn:
    """A column of a site that would be late; `waived` says who lets the site off, empty where nobody does."""

    code: str
    name: str
    sentence: str
    waived: str = ""

    @property
    def text(self) -> str:
        """Say which column, why, and who waived it."""
        return f"“{self.name}”（{self.code}）{self.sentence}{f'已豁免：{self.waived}' if self.waived else ''}"


def newly_late(law: Law, before: Law, codes: Collection[str]) -> dict[int, tuple[LateColumn, ...]]:
    """Return site id → its columns that only the new law finds late; nothing is read where no limit differs."""
    asked = {kind: list(_tightened(law.of(kind), before.of(kind))) for kind in law.kinds}
    if not any(asked.values()):
        return {}
    facts = read_facts(replace(moment_of(), law=law), codes)
    known = replace(facts, moment=replace(facts.moment, law=before))
    found = {site.pk: tuple(_late(site, asked.get(site.kind, []), facts, known)) for site in facts.sites}
    return {site_id: late for site_id, late in found.items() if late}


def _tightened(law: SiteLaw, before: SiteLaw) -> Iterator[tuple[ColumnLaw, ColumnLaw | None]]:
    """Yield the columns whose lateness the two laws may judge otherwise, each with what it was."""
    for column in law.columns:
        known = before.column(column.code)
        if column.limit and column.mandatory and (known is None or _judged_by(known) != _judged_by(column)):
            yield column, known


def _judged_by(column: ColumnLaw) -> tuple[object, ...]:
    return (column.limit, column.mandatory, column.shows_dates, column.column_class, column.valid_from, column.valid_to)


def _late(
    site: SiteFacts, columns: Collection[tuple[ColumnLaw, ColumnLaw | None]], facts: Facts, known: Facts
) -> Iterator[LateColumn]:
    totals, day = Totals(site, facts), facts.moment.day
    for column, was in columns:
        if not column.holds_on(day):
            continue
        verdict = judge_column(site, column, facts, totals)
        if verdict.state != Clock.LATE:
            continue
        if was and was.mandatory and was.holds_on(day) and judge_column(site, was, known, totals).state == Clock.LATE:
            continue
        yield LateColumn(column.code, column.name, verdict.sentence, verdict.waiver.text if verdict.waiver else "")
