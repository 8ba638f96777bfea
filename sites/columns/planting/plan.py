"""The shared column templates (templates/columns/*.toml) as plain values, checked while they are read.

Called by sowing; the demo and tests ask it which columns a kind has.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from sites.columns.models.column import ColumnClass


class BrokenColumnTemplate(ValueError):
    """A column template that cannot be planted; the text names file and cure."""


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """A column as a template describes it."""

    code: str
    name: str
    column_class: str
    column_type: str
    description: str
    keywords: str
    parent: str = ""
    menu: bool = False
    fed_by: str = ""
    body: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What a kind of site is planted with: columns in order, parents before children, and the blocks of its home page."""

    kind: str
    columns: tuple[PlannedColumn, ...]
    home: tuple[dict[str, Any], ...]


@cache
def site_plan(kind: str) -> SitePlan:
    """Read the plan of a kind. Raises BrokenColumnTemplate."""
    folder = Path(settings.BASE_DIR) / "templates" / "columns"
    shared, own = _read(folder / "common.toml"), _read(folder / f"{kind}.toml")
    overrides = own.get("override", {})
    columns: list[PlannedColumn] = []
    for code in own.get("columns", []):
        words = {**shared["columns"].get(code, {}), **overrides.get(code, {})}
        columns.append(_column(kind, code, words, {column.code for column in columns}))
    known = {column.code for column in columns}
    for code in [
        *overrides,
        *(block[name] for block in own.get("home", []) for name in ("column", "action_column") if name in block),
    ]:
        if code not in known:
            raise BrokenColumnTemplate(f"{kind}.toml 提到栏目“{code}”，但 columns 里没有它。")
    return SitePlan(kind, tuple(columns), tuple(own.get("home", [])))


def _column(kind: str, code: str, words: dict[str, Any], earlier: set[str]) -> PlannedColumn:
    parent = words.get("parent", "")
    if parent and parent not in earlier:
        raise BrokenColumnTemplate(f"{kind}.toml 的栏目“{code}”要放在“{parent}”之后。")
    if code in earlier:
        raise BrokenColumnTemplate(f"{kind}.toml 的栏目“{code}”写了两次。")
    try:
        return PlannedColumn(
            code=code,
            name=words["name"],
            column_class=ColumnClass(words["class"]).value,
            column_type=words["column_type"],
            description=words["description"],
            keywords=words["keywords"],
            parent=parent,
            menu=words.get("menu", False),
            fed_by=words.get("fed_by", ""),
            body=tuple(words.get("body", ())),
        )
    except (KeyError, ValueError) as error:
        raise BrokenColumnTemplate(f"{kind}.toml 的栏目“{code}”缺少或写错了 {error}。") from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BrokenColumnTemplate(f"读不了栏目模板 {file.name}：{error}") from error
