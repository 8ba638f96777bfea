"""The tree of a kind's columns: parents that exist, no circle, parents before children. Called by `whole`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.reading.problems import one_of
from cluster.column_templates.reading.texts import Place
from cluster.column_templates.reading.words import Words

DEEPEST = 4


def in_order(
    columns: Mapping[str, ColumnLaw], words: Mapping[str, Words], common: Mapping[str, str], listed: Place
) -> tuple[ColumnLaw, ...]:
    """Return the columns as listed, each parent moved before its children. Circles and unknown parents are reported.

    `common` are the columns of the common base, code → name, `listed` is where the kind lists its own.
    """
    _refuse_orphans(columns, words, common, listed)
    ordered: dict[str, ColumnLaw] = {}
    reported: set[str] = set()
    for code in columns:
        way = _way_up(code, columns, words, reported)
        if len(way) > DEEPEST:
            words[code].wrong("parent", f"使它在第 {len(way)} 层", f"栏目最多 {DEEPEST} 层，换一个更高的上级")
        for above in reversed(way):
            ordered.setdefault(above, columns[above])
    _refuse_twins(ordered.values(), words)
    _refuse_survivors(ordered, words)
    _refuse_heirs(ordered, words)
    return tuple(ordered.values())


def judge_unlisted(columns: Mapping[str, ColumnLaw], words: Mapping[str, Words], listed: Collection[str]) -> None:
    """Report parents that are nowhere, and circles, among columns that no kind lists."""
    known = {*columns, *listed}
    inside = {}
    for code, column in columns.items():
        if column.parent and column.parent not in known:
            cure = f"写上 [columns.{column.parent}]，或者换一个上级。{one_of(known, column.parent)}"
            words[code].wrong("parent", f"写的上级栏目“{column.parent}”哪里也没有", cure)
        inside[code] = column if column.parent in columns else replace(column, parent="")
    reported: set[str] = set()
    for code in inside:
        _way_up(code, inside, words, reported)


def _refuse_orphans(
    columns: Mapping[str, ColumnLaw], words: Mapping[str, Words], common: Mapping[str, str], listed: Place
) -> None:
    """Report parents that the kind does not list: once for all below one that is well known, else where it is written."""
    dropped: dict[str, list[ColumnLaw]] = {}
    for code, column in columns.items():
        parent = column.parent
        # What is listed and described nowhere has been told there.
        if not parent or parent in words:
            continue
        if parent in common:
            dropped.setdefault(parent, []).append(column)
        else:
            cure = f"在 columns 里写上“{parent}”，或者换一个上级。{one_of(columns, parent)}"
            words[code].wrong("parent", f"写的上级栏目“{parent}”不在这类站点的 columns 里", cure)
    for parent, orphans in dropped.items():
        below = "、".join(f"“{column.name}”（{column.code}）" for column in orphans)
        what = f"columns 里没有“{common[parent]}”（{parent}），却有它的下级栏目{below}"
        cure = f"把“{parent}”写进 columns；不要它的，这些下级也从 columns 里去掉，或者给它们换一个上级（parent）"
        words[orphans[0].code].report.add(listed, what, cure)


def _refuse_twins(columns: Iterable[ColumnLaw], words: Mapping[str, Words]) -> None:
    """Report two columns of one name side by side: no reader of the menu could tell them apart."""
    seen: dict[tuple[str, str], str] = {}
    for column in columns:
        first = seen.setdefault((column.parent, column.name), column.code)
        if first != column.code and column.name:
            words[column.code].wrong("name", f"“{column.name}”和同级的“{first}”重名", "改一个不同的名称")


def _refuse_survivors(columns: Mapping[str, ColumnLaw], words: Mapping[str, Words]) -> None:
    """Report columns that go on when the one above them has ended."""
    for column in columns.values():
        end = columns[column.parent].valid_to if column.parent in columns else None
        if end and (column.valid_to is None or column.valid_to > end):
            own = f"到 {column.valid_to}" if column.valid_to else "没有写"
            cure = f"写成 valid_to = {end} 或更早，或者改到别的上级下面"
            words[column.code].wrong("valid_to", f"{own}，但上级栏目“{column.parent}”到 {end} 为止", cure)


def _refuse_heirs(columns: Mapping[str, ColumnLaw], words: Mapping[str, Words]) -> None:
    """Report old columns whose items would go to two places, or that are not old at all."""
    heirs: dict[str, str] = {}
    for column in columns.values():
        for old in column.replaces:
            said = words[column.code]
            if old == column.code:
                said.wrong("replaces", f"写了栏目自己“{old}”", "只写被它接替的旧栏目，或者删去")
            elif old in columns:
                said.wrong(
                    "replaces", f"写的“{old}”还在这类站点的 columns 里", "从 columns 里去掉它，或者不写进 replaces"
                )
            elif heirs.setdefault(old, column.code) != column.code:
                said.wrong("replaces", f"写的“{old}”已经由“{heirs[old]}”接替", "一个旧栏目只能由一个栏目接替，只留一处")


def _way_up(code: str, columns: Mapping[str, ColumnLaw], words: Mapping[str, Words], reported: set[str]) -> list[str]:
    """Return the column and all above it; stops at a fault."""
    way = [code]
    while parent := columns[way[-1]].parent:
        if parent not in columns:
            return way
        if parent in way:
            circle = [*way[way.index(parent) :], parent]
            if not reported & set(circle):
                words[way[-1]].wrong(
                    "parent", f"绕成了一圈：{' → '.join(circle)}", "把其中一个栏目的 parent 改成圈外的栏目，或者删去"
                )
            reported.update(circle)
            return way
        way.append(parent)
    return way
