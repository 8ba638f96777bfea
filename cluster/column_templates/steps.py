"""Action, Step, Comparison: what is to be done to a site, and what people have to look at.

Made by `comparing` and `arrangement`; shown by command and console, done by planting.
"""

from dataclasses import dataclass

from django.db import models

from cluster.column_templates.homes import Raw


class Action(models.TextChoices):
    """What is done to one column, to those below one parent, or to the home page."""

    PLANT = "plant", "新植"
    TAKE_OVER = "take_over", "接管同名自设栏目"
    STEP_ASIDE = "step_aside", "自设栏目改用其他代码"
    RECODE = "recode", "恢复代码"
    RENAME = "rename", "改名"
    MOVE = "move", "移动"
    SHOW = "show", "恢复发布"
    REWORD = "reword", "更新属性"
    MERGE = "merge", "并入"
    RETIRE = "retire", "转为自设栏目"
    ORDER = "order", "调整次序"
    HOME = "home", "调整首页"
    NOTE = "note", "登记版本"


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `detail` says it to people.

    `target` is the column that takes in a merged one's content, or the code that a column has instead of its own. `code` is empty
    for the home page and for the order of the columns right below it.
    """

    action: Action
    code: str
    name: str
    detail: str = ""
    target: str = ""

    @property
    def subject(self) -> str:
        """What is changed, as people call it."""
        return f"“{self.name}”（{self.code}）" if self.code else f"“{self.name}”"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All steps of a site, in the order in which they are done, and what people have to look at."""

    steps: tuple[Step, ...]
    conflicts: tuple[str, ...]
    # What the step HOME writes.
    home_blocks: tuple[Raw, ...] = ()
