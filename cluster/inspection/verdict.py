"""Verdict: what one rule of standards part 9 says of a site on a day, with its evidence.

Made by `rules`; shown by the command inspect_columns and on the console's page of a site.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cluster.column_templates.standing import StandingWaiver
from cluster.column_templates.vocabulary import Severity
from cluster.inspection.models import Grade

# As many examples as evidence names; the number says how many there are.
EXAMPLES = 10
# What the law calls a fault, as inspections weigh it.
GRADES = {
    Severity.ADVICE.value: Grade.LOW,
    Severity.WARNING.value: Grade.MEDIUM,
    Severity.REFUSAL.value: Grade.HIGH,
    Severity.VETO.value: Grade.VETO,
}
_GRAVEST_FIRST = (Grade.VETO, Grade.HIGH, Grade.MEDIUM, Grade.LOW)


def gravest(severities: Iterable[str], least: Grade = Grade.LOW) -> Grade:
    """Return the weight of the gravest of these severities of the law; `least` where there is none."""
    return min([*(GRADES[one] for one in severities), least], key=_GRAVEST_FIRST.index)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a rule for a site. `waivers` are those for which faults were left out, each once."""

    rule_id: str
    title: str
    site_code: str
    ok: bool
    grade: Grade
    sentence: str
    basis: str
    cure: str = ""
    waivers: tuple[StandingWaiver, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    # What people must know to read it: above all that a day of the past was judged by what items say today.
    note: str = ""

    @property
    def waived(self) -> bool:
        """Whether a waiver kept a fault from counting."""
        return bool(self.waivers)

    @property
    def grade_name(self) -> str:
        """The weight in words."""
        return str(self.grade.label)
