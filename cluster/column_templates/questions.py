"""Which rules the items of a site come under by a version: those that are new, and all of a column into which others come.

Pure. Called by `planning` for each site; `breaking` puts the questions to the registry.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.steps import Action, Step
from cluster.column_templates.trees import StandingColumn
from cluster.column_templates.turning import Question, Turn, that_matter

# Code of the column in which the items stand now → what is asked of them.
Questions = dict[str, list[Question]]
# Day on which columns are given up → the steps that do it, by code.
GivenUp = Mapping[date, Mapping[str, Step]]


def given_up(steps: Sequence[Step]) -> dict[str, Step]:
    """Return those of the steps by which a column is given up: merged into another, or handed to the site."""
    return {step.code: step for step in steps if step.action in (Action.MERGE, Action.RETIRE)}


def questions_of(turns: Sequence[Turn], standing: Sequence[StandingColumn], leaving: GivenUp) -> Questions:
    """Return what is asked of the items of each of a site's columns, at once and later."""
    above = {column.code: column.parent_code for column in standing}
    found: Questions = defaultdict(list)
    for turn in turns:
        asked = {**turn.new, **_of_own(turn, above), **_shifts(turn, above, leaving.get(turn.day, {}))}
        for code, question in asked.items():
            found[code].append(question)
    return found


def _of_own(turn: Turn, above: Mapping[str, str]) -> dict[str, Question]:
    """Return what is asked of the items of a site's own columns: the rules of the column above; they take every kind."""
    found = {}
    for code in above.keys() - turn.laws.keys() if turn.new else ():
        way = above[code]
        while way and way not in turn.laws:
            way = above.get(way, "")
        if way in turn.new:
            found[code] = replace(turn.new[way], asks_kind=False)
    return found


def _shifts(turn: Turn, above: Mapping[str, str], leaving: Mapping[str, Step]) -> dict[str, Question]:
    """Return what is asked of the items of columns that are given up: by the heir, or by the column of the law above them."""
    found: dict[str, Question] = {}
    for standing in above if leaving else ():
        code, step = standing, leaving.get(standing)
        # A column of the site's own goes with the one above it.
        while code and code not in turn.laws and step is None:
            code = above.get(code, "")
            step = leaving.get(code)
        if step is None:
            continue
        heir = step.target
        while step.action == Action.RETIRE and code and code not in turn.laws:
            code = heir = above.get(code, "")
        if heir in turn.laws:
            asks_kind = step.action == Action.MERGE and standing == step.code
            found[standing] = _all_rules(turn.laws[heir], turn, step.action.value, asks_kind=asks_kind)
    return found


def _all_rules(column: ColumnLaw, turn: Turn, shift: str, *, asks_kind: bool) -> Question:
    """Return the question whether items may come into this column."""
    return Question(replace(column, items=that_matter(column, turn.day), companions=()), asks_kind, shift, turn.since)
