"""Find planted columns that have lost their mark or their code: only the owner role can take them, and only by mistake.

Pure. Called by `comparing` before anything is compared; without it such a column would be taken for the site's own, and another
one be planted beside its content.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.steps import Action, Step
from cluster.column_templates.trees import StandingColumn


def with_marks(
    columns: Sequence[ColumnLaw], standing: Sequence[StandingColumn], noted: Collection[str]
) -> tuple[list[Step], list[StandingColumn]]:
    """Return the steps that give marks and codes back, and the columns as they are then; `noted` codes were planted."""
    steps: list[Step] = []
    there = {now.code for now in standing}
    missing = {(law.name, law.parent): law for law in columns if law.code in noted and law.code not in there}
    found = []
    for now in standing:
        law = missing.get((now.name, now.parent_code)) if now.planted and now.code not in noted else None
        if law is not None:
            steps.append(Step(Action.RECODE, law.code, law.name, f"代码 {now.code} 改回 {law.code}", now.code))
            found.append(replace(now, code=law.code))
        elif not now.planted and now.code in noted:
            steps.append(Step(Action.TAKE_OVER, now.code, now.name, "恢复统一栏目的标记"))
            found.append(replace(now, planted=True, placed_under=now.parent_id))
        else:
            found.append(now)
    return steps, found
