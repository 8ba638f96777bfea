"""Compare a site's columns and home page with the law of its kind: the steps that bring it in step, and what stands in the way.

Pure. `planning` asks it for all sites, planting does what it says in one site, the structure check calls any step a finding.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from cluster.column_templates.arrangement import compare_home, compare_order, is_kept, is_noted
from cluster.column_templates.law import ColumnLaw, SiteLaw
from cluster.column_templates.marks import with_marks
from cluster.column_templates.steps import Action, Comparison, Step
from cluster.column_templates.trees import StandingColumn, StandingSite


def columns_in_force(law: SiteLaw, day: date) -> tuple[ColumnLaw, ...]:
    """Return the columns that the law demands on that day; one whose parent is not in force is not either."""
    found: dict[str, ColumnLaw] = {}
    for column in law.columns:
        if column.holds_on(day) and (not column.parent or column.parent in found):
            found[column.code] = column
    return tuple(found.values())


def compare(law: SiteLaw, day: date, standing: StandingSite) -> Comparison:
    """Return what would bring the site in step with the law of that day."""
    columns, home = columns_in_force(law, day), standing.home
    noted = frozenset(home.planted_order) if home else frozenset()
    steps, there = with_marks(columns, standing.columns, noted)
    further, conflicts = _compare_columns(columns, there)
    steps += further
    if home is None:
        return Comparison(tuple(steps), tuple(conflicts))
    for step, conflict in compare_order(columns, there, home):
        steps += [step] if step else []
        conflicts += [conflict] if conflict else []
    names = {column.code: column.name for column in standing.columns}
    names |= {column.code: column.name for column in columns}
    blocks, home_steps, home_conflicts = compare_home(law, home, names)
    steps += home_steps
    conflicts += home_conflicts
    if not steps and not is_noted(law, columns, home):
        steps.append(Step(Action.NOTE, "", "首页和次序", "这一版对首页和栏目次序的安排已登记，本站自己的安排不变"))
    return Comparison(tuple(steps), tuple(conflicts), tuple(blocks))


def _compare_columns(columns: Sequence[ColumnLaw], standing: Sequence[StandingColumn]) -> tuple[list[Step], list[str]]:
    wanted = {column.code: column for column in columns}
    steps, conflicts = arrive(columns, standing, wanted)
    steps += _leave(columns, standing, wanted)
    conflicts += [
        f"统一栏目“{now.name}”设有访问限制，公众看不到；每晚的检查（check_columns --repair）会解除。"
        for now in standing
        if now.code in wanted and now.planted and now.is_restricted
    ]
    return steps, conflicts


def arrive(
    columns: Iterable[ColumnLaw], standing: Sequence[StandingColumn], wanted: Mapping[str, ColumnLaw]
) -> tuple[list[Step], list[str]]:
    """Return what puts these columns of the law where they belong, and what people have to look at; `wanted` are all of the law."""
    there = {column.code: column for column in standing}
    steps: list[Step] = []
    conflicts: list[str] = []
    for column in columns:
        now = there.get(column.code)
        if now is not None and not is_kept(column, now):
            hidden = "，又设有访问限制" if now.is_restricted else ""
            conflicts.append(
                f"本站自设栏目“{now.name}”占用了代码 {now.code}{hidden}，将改用其他代码，内容不变；统一栏目“{column.name}”另行新植。"
            )
            steps.append(Step(Action.STEP_ASIDE, now.code, now.name, "代码让给统一栏目，内容和网页地址不变"))
            now = None
        if now is None:
            steps.append(Step(Action.PLANT, column.code, column.name, _below(column, wanted)))
        else:
            if not now.planted:
                conflicts.append(f"本站自设栏目“{now.name}”与统一栏目同代码、同名，将由模板接管，内容保留。")
                steps.append(Step(Action.TAKE_OVER, now.code, now.name, "自设栏目成为统一栏目，内容保留"))
            steps += _adjust(column, now, there, wanted)
        conflicts += _same_name(column, standing)
    return steps, conflicts


def _below(column: ColumnLaw, wanted: Mapping[str, ColumnLaw]) -> str:
    return f"放在“{wanted[column.parent].name}”下" if column.parent else "一级栏目"


def _adjust(
    column: ColumnLaw, now: StandingColumn, there: Mapping[str, StandingColumn], wanted: Mapping[str, ColumnLaw]
) -> Iterator[Step]:
    """Yield the steps for a column that is there."""
    if now.name != column.name:
        yield Step(Action.RENAME, column.code, column.name, f"“{now.name}”改为“{column.name}”")
    if now.parent_code != column.parent:
        yield Step(Action.MOVE, column.code, column.name, _below(column, wanted))
    if not now.is_shown:
        yield Step(Action.SHOW, column.code, column.name, "恢复发布，取消定时上下线")
    if changed := _reworded(column, now):
        yield Step(Action.REWORD, column.code, column.name, "、".join(changed))


def _reworded(column: ColumnLaw, now: StandingColumn) -> list[str]:
    pairs = {
        "类别": (now.column_class, column.column_class),
        "栏目类型": (now.column_type, column.column_type),
        "栏目说明": (now.description, column.description),
        "关键词": (now.keywords, column.keywords),
        "汇集下级站点": (now.fed_by, column.fed_by),
        "导航显示": (now.menu, column.menu),
        "可自设下级栏目": (now.open_below, column.open_below),
        "列表显示日期": (now.shows_dates, column.shows_dates),
    }
    changed = [label for label, (is_now, should_be) in pairs.items() if is_now != should_be]
    # Planted, and not below the page that the lock remembers: the mark is set anew with the place.
    if now.planted and now.placed_under != now.parent_id and now.parent_code == column.parent:
        changed.append("固定上级")
    return changed


def _same_name(column: ColumnLaw, standing: Sequence[StandingColumn]) -> list[str]:
    return [
        f"本站自设栏目“{other.name}”（{other.code}）与统一栏目“{column.name}”（{column.code}）在同一上级下同名，请网站改名或合并内容。"
        for other in standing
        if not other.planted
        and other.code != column.code
        and other.name == column.name
        and other.parent_code == column.parent
    ]


def _leave(
    columns: Sequence[ColumnLaw], standing: Sequence[StandingColumn], wanted: Mapping[str, ColumnLaw]
) -> Iterator[Step]:
    """Yield the steps for planted columns that the law no longer has, children first; nothing is deleted with content."""
    heirs = {code: column for column in columns for code in column.replaces}
    for now in reversed(standing):
        if not now.planted or now.code in wanted:
            continue
        heir = heirs.get(now.code)
        if heir is None:
            yield retired(now.code, now.name, now.below)
        else:
            yield Step(Action.MERGE, now.code, now.name, f"其下 {now.below} 个页面移入“{heir.name}”", heir.code)


def retired(code: str, name: str, below: int) -> Step:
    """Return the step that hands a column to the site."""
    return Step(Action.RETIRE, code, name, f"保留其下 {below} 个页面，由网站自行管理")
