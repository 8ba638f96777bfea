"""Evaluate columns and rules of the sites on a day: from stored rows, without any cached verdict.

Called by the clock (columns), by the command and the console's page of a site (columns and rules).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from cluster.inspection.facts import Facts, SiteFacts, read_facts
from cluster.inspection.judging import ColumnVerdict, judge_site
from cluster.inspection.moment import Moment, moment_of
from cluster.inspection.rules import judge_rules
from cluster.inspection.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out for the asked sites."""

    moment: Moment
    facts: Facts
    columns: dict[int, list[ColumnVerdict]]
    verdicts: dict[int, list[Verdict]]

    @property
    def sites(self) -> tuple[SiteFacts, ...]:
        """The sites that were asked about."""
        return self.facts.sites

    @property
    def note(self) -> str:
        """Say what is not known of the day: who answered for columns, where that is kept only since later."""
        unknown = self.facts.duties_since
        if not unknown:
            return ""
        whose = "" if len(unknown) == len(self.sites) else f"{len(unknown)}个站点的"
        since = timezone.localdate(max(unknown.values()))
        return f"{whose}责任人从{since}起才有记录，这一天由谁负责不详：所列单位和监督岗位是当时模板所写。"


def evaluate_columns(codes: Collection[str] | None = None, day: date | None = None) -> Evaluation:
    """Judge the mandatory columns of these sites, or of all; raises DayRefused for a day to come."""
    facts = read_facts(moment_of(day), codes)
    return Evaluation(facts.moment, facts, {site.pk: judge_site(site, facts) for site in facts.sites}, {})


def evaluate(codes: Collection[str] | None = None, day: date | None = None) -> Evaluation:
    """Judge columns and all rules of these sites, or of all; raises DayRefused for a day to come."""
    found = evaluate_columns(codes, day)
    return Evaluation(found.moment, found.facts, found.columns, judge_rules(found.facts, found.columns))
