"""Verdict: what one rule of standards part 9 says of a site on a day, with its evidence.

Made by `rules`; shown by the command inspect_columns and on the console's page of a site.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cluster.column_templates.standing import StandingWaiver


class Grade(StrEnum):
    """How much a broken rule weighs: V one-vote veto, H high, M medium, L low."""

    VETO = "V"
    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"


GRADE_NAMES = {Grade.VETO: "单项否决", Grade.HIGH: "严重", Grade.MEDIUM: "一般", Grade.LOW: "轻微"}
# As many examples as evidence names; the number says how many there are.
EXAMPLES = 10


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

    @property
    def waived(self) -> bool:
        """Whether a waiver kept a fault from counting."""
        return bool(self.waivers)

    @property
    def grade_name(self) -> str:
        """The weight in words."""
        return GRADE_NAMES[self.grade]
