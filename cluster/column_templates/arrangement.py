"""Compare the order of a site's planted columns and its home page with the law; what the site arranged itself stays, and is told.

Pure. Called by `comparing`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from cluster.column_templates.homes import Raw, merge_home, raw_blocks, same_blocks
from cluster.column_templates.law import ColumnLaw, SiteLaw
from cluster.column_templates.ordering import has_reordered
from cluster.column_templates.steps import Action, Step
from cluster.column_templates.trees import StandingColumn, StandingHome

TOP = "一级栏目"


def is_kept(column: ColumnLaw, now: StandingColumn) -> bool:
    """Whether the column that has the code stays under it: planted, or the site's own of the same name.

    What the site keeps from the public stays its own: a planted column is open to everybody, and nothing hidden is to become so.
    """
    return now.planted or (now.name == column.name and not now.is_restricted)


def compare_order(
    columns: Sequence[ColumnLaw], standing: Sequence[StandingColumn], home: StandingHome
) -> Iterator[tuple[Step | None, str]]:
    """Yield, parent by parent, the step that puts planted columns in the template's order; or why they stay as they are."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        wanted[column.parent].append(column.code)
    by_code = {column.code: column for column in columns}
    planted = home.planted_order
    for parent, codes in wanted.items():
        there = [
            now.code
            for now in standing
            if now.parent_code == parent and now.code in codes and is_kept(by_code[now.code], now)
        ]
        # Those that are planted or moved here come to stand behind.
        if [*there, *(code for code in codes if code not in there)] == codes:
            continue
        name = by_code[parent].name if parent else TOP
        if home.is_noted and not has_reordered(there, planted):
            names = "、".join(by_code[code].name for code in codes)
            yield Step(Action.ORDER, parent, name, f"次序为：{names}" if not parent else f"下级次序为：{names}"), ""
        elif has_reordered(codes, planted) or not set(codes) <= set(planted):
            below = f"“{name}”的下级栏目" if parent else name
            yield None, f"{below}的次序本站自己调整过，与模板不同，保留本站的次序；新栏目排在最后。"


def compare_home(law: SiteLaw, home: StandingHome, names: Mapping[str, str]) -> tuple[list[Raw], list[Step], list[str]]:
    """Return the blocks as they should be, the step that writes them, and what the site keeps."""
    wanted = raw_blocks(law.home)
    if not home.is_noted:
        told = [] if same_blocks(home.blocks, wanted) else ["没有登记首页按哪一版设置，首页保持本站现状。"]
        return list(home.blocks), [], told
    merged = merge_home(home.planted_blocks, home.blocks, wanted, names)
    if not merged.changes:
        return list(home.blocks), [], merged.conflicts
    if home.has_draft:
        merged.conflicts.append("首页有未发布的修改，这一版的版块不会写进去；发布前请核对。")
    return merged.blocks, [Step(Action.HOME, "", "首页", "、".join(merged.changes))], merged.conflicts


def is_noted(law: SiteLaw, columns: Sequence[ColumnLaw], home: StandingHome) -> bool:
    """Whether the site's note of what was planted is that of the law."""
    order = tuple(column.code for column in columns)
    return home.planted_order == order and list(home.planted_blocks) == raw_blocks(law.home)
