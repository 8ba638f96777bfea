"""Bring a home page's blocks in step with the law: what the template planted and the site left alone follows, the rest stays.

Pure. Called by `comparing` with the blocks that the template planted last, those that stand now and those of the law.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cluster.column_templates.vocabulary import HOME_BLOCKS, HOME_DEFAULTS

Key = tuple[str, str, int]  # type, column, and the how-manieth of these
Raw = dict[str, Any]  # as a page stores it: type, value, id


@dataclass(slots=True)
class MergedHome:
    """The blocks as they should stand, what that changes, and what people have to look at."""

    blocks: list[Raw]
    changes: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def raw_blocks(written: Sequence[Mapping[str, Any]]) -> list[Raw]:
    """Return a template's blocks as a page stores them."""
    return [
        {"type": block["type"], "value": {word: value for word, value in block.items() if word != "type"}}
        for block in written
    ]


def same_blocks(some: Sequence[Raw], others: Sequence[Raw]) -> bool:
    """Whether two home pages say the same, however much of it is written out."""
    return list(map(_meaning, some)) == list(map(_meaning, others))


def merge_home(
    planted: Sequence[Raw], standing: Sequence[Raw], wanted: Sequence[Raw], names: Mapping[str, str]
) -> MergedHome:
    """Return what becomes of the standing blocks; `names` are the columns' names by code."""
    before, now, law = _keyed(planted), _keyed(standing), _keyed(wanted)
    merged = MergedHome([])
    kept: dict[Key, Raw] = {}
    for key in dict.fromkeys([*law, *now, *before]):
        found = _decide(merged, _label(key, now.get(key) or law.get(key) or before[key], names), key, before, now, law)
        if found is not None:
            kept[key] = found
    sequence = _sequence(merged, kept, before, now, law)
    merged.blocks = [kept[key] for key in sequence]
    if not merged.changes and sequence != list(now):
        merged.changes.append("调整版块次序")
    return merged


def _keyed(blocks: Sequence[Raw]) -> dict[Key, Raw]:
    found: dict[Key, Raw] = {}
    for block in blocks:
        column, number = str(block["value"].get("column", "")), 0
        while (block["type"], column, number) in found:
            number += 1
        found[block["type"], column, number] = block
    return found


def _meaning(block: Raw | None) -> tuple[str, dict[str, Any]] | None:
    """Return what a block says, with its defaults; a form writes out what a template leaves to them."""
    if block is None:
        return None
    kind, value = block["type"], block["value"]
    words = HOME_BLOCKS.get(kind, tuple(value))
    known = HOME_DEFAULTS.get(kind, {}) | {word: said for word, said in value.items() if said is not None}
    return kind, {word: list(said) if isinstance(said := known.get(word, ""), list | tuple) else said for word in words}


def _label(key: Key, block: Raw, names: Mapping[str, str]) -> str:
    code = key[1]
    return str(block["value"].get("heading") or names.get(code) or HOME_DEFAULTS[key[0]].get("heading") or code)


def _decide(
    merged: MergedHome,
    label: str,
    key: Key,
    before: Mapping[Key, Raw],
    now: Mapping[Key, Raw],
    law: Mapping[Key, Raw],
) -> Raw | None:
    """Return the block that stays, comes or follows; None where there is none. The site's own change wins, and is told."""
    planted, standing, wanted = before.get(key), now.get(key), law.get(key)
    if _meaning(planted) == _meaning(wanted) or _meaning(standing) == _meaning(wanted):
        return standing
    if _meaning(planted) == _meaning(standing):
        merged.changes.append(f"{'新增' if standing is None else '去掉' if wanted is None else '更新'}“{label}”")
        return wanted if wanted is None or standing is None else {**standing, "value": wanted["value"]}
    if planted is None:
        merged.conflicts.append(f"首页版块“{label}”是本站自己设置的，与这一版不同，保留本站的。")
    elif wanted is None:
        merged.conflicts.append(f"这一版去掉首页版块“{label}”，本站改动过它，保留本站的。")
    elif standing is None:
        merged.conflicts.append(f"这一版修改了首页版块“{label}”，本站已去掉它，不再恢复。")
    else:
        merged.conflicts.append(f"这一版修改了首页版块“{label}”，本站也改动过，保留本站的。")
    return standing


def _sequence(
    merged: MergedHome,
    kept: Mapping[Key, Raw],
    before: Mapping[Key, Raw],
    now: Mapping[Key, Raw],
    law: Mapping[Key, Raw],
) -> list[Key]:
    """Return the order: the template's where the site has not changed it, else the site's with new blocks among them."""
    as_planted = [key for key in now if key in before] == [key for key in before if key in now]
    if as_planted:
        return _woven([key for key in law if key in kept], [key for key in now if key in kept])
    if [key for key in law if key in before] != [key for key in before if key in law]:
        merged.conflicts.append("这一版调整了首页版块的次序，本站自己排过，保留本站的次序。")
    return _woven([key for key in now if key in kept], [key for key in law if key in kept])


def _woven(first: list[Key], second: Sequence[Key]) -> list[Key]:
    """Put what only the second has behind what it follows there."""
    for place, key in enumerate(second):
        if key not in first:
            behind = next((first.index(other) + 1 for other in reversed(second[:place]) if other in first), 0)
            first.insert(behind, key)
    return first
