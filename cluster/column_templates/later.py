"""Later: what a version does to a site on a day to come, when columns begin or end; the nightly check does it then.

Pure. Called by `planning` with the turns of the site's kind; shown by command and console.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from cluster.column_templates.arrangement import is_kept
from cluster.column_templates.comparing import arrive, retired
from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.steps import Action, Comparison, Step
from cluster.column_templates.trees import StandingColumn
from cluster.column_templates.turning import Turn


@dataclass(frozen=True, slots=True)
class Later:
    """The steps and conflicts of one day to come."""

    day: date
    steps: tuple[Step, ...]
    conflicts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        steps = [{**asdict(step), "action": step.action.value} for step in self.steps]
        return {"day": self.day.isoformat(), "steps": steps, "conflicts": list(self.conflicts)}


def foresee(turns: Sequence[Turn], standing: Sequence[StandingColumn], comparison: Comparison) -> tuple[Later, ...]:
    """Return what happens to a site after today, day by day; `comparison` is what happens at once."""
    merged = {step.code for step in comparison.steps if step.action == Action.MERGE}
    found = []
    for now, then in pairwise(turns):
        came = [column for code, column in then.laws.items() if code not in now.laws]
        gone = [column for code, column in now.laws.items() if code not in then.laws]
        if came or gone:
            there = [replace(one, planted=one.code in now.laws) for one in standing if one.code not in merged]
            steps, conflicts = arrive(came, there, then.laws)
            found.append(Later(then.day, (*steps, *_leave(gone, there)), tuple(conflicts)))
    return tuple(found)


def _leave(gone: Sequence[ColumnLaw], standing: Iterable[StandingColumn]) -> list[Step]:
    """Return the steps that hand columns to the site, children first; what stands below them is counted as of today."""
    there: Mapping[str, StandingColumn] = {one.code: one for one in standing}
    below = {
        column.code: there[column.code].below
        for column in gone
        if column.code in there and is_kept(column, there[column.code])
    }
    return [retired(column.code, column.name, below.get(column.code, 0)) for column in reversed(gone)]
