"""Overdue companions: which columns hold items whose interpretation, or interpreted document, is past its limit.

Made from the rule that asks for them (R20); `notices` tells the officers of the columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cluster.column_templates.law import ColumnLaw, CompanionRule
from cluster.column_templates.vocabulary import Companion, Severity
from cluster.inspection.evaluation import Evaluation
from cluster.inspection.facts import SiteFacts

RULE = "R20"
LACK = {
    Companion.INTERPRETATION.value: "还没有政策解读",
    Companion.DOCUMENT.value: "没有关联所解读的文件",
}


@dataclass(frozen=True, slots=True)
class Overdue:
    """Items of a column without their companion past its limit; the newest of them was first published on `newest_on`."""

    site: SiteFacts
    column: ColumnLaw
    rule: CompanionRule
    number: int
    title: str
    newest_on: date
    due_on: date

    @property
    def sentence(self) -> str:
        """Say it to the officer."""
        severity = Severity(self.rule.severity).label
        return (
            f"{self.number}条信息{LACK[self.rule.companion]}，最近一条是《{self.title}》（{self.newest_on:%Y-%m-%d}发布），"
            f"应在{self.due_on:%Y-%m-%d}前补上（{severity}）。请发布并互相关联。"
        )


def overdue_companions(found: Evaluation) -> Iterator[Overdue]:
    """Yield what is overdue and not waived, by site, column and rule."""
    for site in found.sites:
        law = found.moment.law.of(site.kind)
        for verdict in found.verdicts[site.pk]:
            for line in verdict.evidence["columns"] if verdict.rule_id == RULE else ():
                column = law.column(found.facts.template_code(site, line["code"]))
                for rule in column.companions if column else ():
                    if column and rule.companion in line["parts"]:
                        newest = line["newest"]
                        day = date.fromisoformat(newest["first_published_on"])
                        due = found.moment.calendar.limit_end(day, rule.within, rule.unit)
                        yield Overdue(site, column, rule, line["count"], newest["title"], day, due.day)
