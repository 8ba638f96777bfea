"""Take what the office waived out of what the rules found, and tell of it. Used by the rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cluster.column_templates.standing import StandingWaiver
from cluster.inspection.facts import Facts, SiteFacts


@dataclass(frozen=True, slots=True)
class SortedOut:
    """Faults that count, and those that were waived, each with its waiver."""

    counted: list[dict[str, Any]]
    waived: list[tuple[dict[str, Any], StandingWaiver]]

    @property
    def waivers(self) -> tuple[StandingWaiver, ...]:
        """The waivers that acted, each once."""
        return tuple(dict.fromkeys(waiver for _, waiver in self.waived))

    @property
    def told(self) -> list[dict[str, Any]]:
        """The waived faults for the evidence: who waived each, until when and why."""
        return [{**fault, "waiver": waiver.as_values()} for fault, waiver in self.waived]


def sort_out(facts: Facts, site: SiteFacts, faults: Iterable[dict[str, Any]], *rules: str) -> SortedOut:
    """Sort the faults, whose `code` names their column, by whether one of these rules is waived there."""
    found = SortedOut([], [])
    for fault in faults:
        waiver = facts.waiver(site, fault["code"], *rules)
        if waiver:
            found.waived.append((fault, waiver))
        else:
            found.counted.append(fault)
    return found
