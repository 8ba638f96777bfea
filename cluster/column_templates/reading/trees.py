"""The tree of a kind's columns: parents that exist, no circle, parents before children. Called by `whole`."""

from collections.abc import Mapping

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.reading.problems import one_of
from cluster.column_templates.reading.words import Words

DEEPEST = 4


def in_order(columns: Mapping[str, ColumnLaw], words: Mapping[str, Words]) -> tuple[ColumnLaw, ...]:
    """Return the columns as listed, each parent moved before its children. Circles and unknown parents are reported."""
    ordered: dict[str, ColumnLaw] = {}
    reported: set[str] = set()
    for code in columns:
        way = _way_up(code, columns, words, reported)
        if len(way) > DEEPEST:
            words[code].wrong("parent", f"使它在第 {len(way)} 层", f"栏目最多 {DEEPEST} 层，换一个更高的上级")
        for above in reversed(way):
            ordered.setdefault(above, columns[above])
    return tuple(ordered.values())


def _way_up(code: str, columns: Mapping[str, ColumnLaw], words: Mapping[str, Words], reported: set[str]) -> list[str]:
    """Return the column and all above it; stops at a fault."""
    way = [code]
    while parent := columns[way[-1]].parent:
        last = way[-1]
        if parent not in columns:
            cure = f"在 columns 里写上“{parent}”，或者换一个上级。{one_of(columns, parent)}"
            words[last].wrong("parent", f"写的上级栏目“{parent}”不在这类站点的 columns 里", cure)
            return way
        if parent in way:
            circle = [*way[way.index(parent) :], parent]
            if not reported & set(circle):
                words[last].wrong(
                    "parent", f"绕成了一圈：{' → '.join(circle)}", "把其中一个栏目的 parent 改成圈外的栏目，或者删去"
                )
            reported.update(circle)
            return way
        way.append(parent)
    return way
