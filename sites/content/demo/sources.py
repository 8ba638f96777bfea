"""Read what deploy/demo holds: the list of sites, the texts, the words to fill into them.

Called by the other modules of this package; nothing here touches the database.
"""

import csv
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "deploy" / "demo"
CONSOLE = "console"
# The province, three cities with four of their counties, four departments: enough to show every kind of site.
SMALL_CLUSTER = tuple(
    "province harbin qiqihar mudanjiang wuchang tonghe longjiang suifenhe jyt rst slt wjw".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class SiteLine:
    """One line of province-113.csv, or the console."""

    code: str
    name: str
    kind: str
    region: str
    parent: str = ""
    id_code: str = ""


@dataclass(frozen=True)
class Template:
    """One text with gaps, and for whom and when it is meant; empty `kinds` or `seasons` mean all."""

    title: str
    text: str
    kinds: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    image: bool = False
    file: str = ""
    doc_no: str = ""
    issuer: str = ""

    def suits(self, kind: str, season: str) -> bool:
        """Tell whether a site of this kind may show the text in this season."""
        return (not self.kinds or kind in self.kinds) and (not self.seasons or season in self.seasons)


def site_lines(cluster: str) -> list[SiteLine]:
    """Give the sites of the `demo` or `province` cluster, parents first, the console last."""
    with (FOLDER / "province-113.csv").open(encoding="utf-8", newline="") as stream:
        lines = [SiteLine(**row) for row in csv.DictReader(stream)]
    if cluster == "demo":
        lines = [line for line in lines if line.code in SMALL_CLUSTER]
    return [*lines, SiteLine(CONSOLE, "黑龙江省政府网站群管理平台（演示）", CONSOLE, "230000")]


@cache
def templates() -> dict[str, tuple[Template, ...]]:
    """Give the texts by the code of their column; `general` serves columns without texts of their own."""
    found: dict[str, list[Template]] = defaultdict(list)
    for path in sorted((FOLDER / "texts").glob("*.toml")):
        for column, entries in _read(path).items():
            found[column] += [_template(entry) for entry in entries]
    return {column: tuple(entries) for column, entries in found.items()}


@cache
def papers() -> list[dict[str, Any]]:
    """Give the policy documents and their interpretations."""
    found: list[dict[str, Any]] = _read(FOLDER / "papers.toml")["papers"]
    return found


@cache
def slots() -> dict[str, dict[str, list[str]]]:
    """Give the words for gaps: those for any site, and those of single places by site code."""
    return _read(FOLDER / "slots.toml")


@cache
def fields() -> dict[str, dict[str, Any]]:
    """Give the field of work of each department and body, by site code."""
    return _read(FOLDER / "fields.toml")


def _template(entry: dict[str, Any]) -> Template:
    lists: dict[str, Any] = {name: tuple(entry.get(name, ())) for name in ("kinds", "seasons")}
    return Template(**{**entry, **lists})


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return tomllib.load(stream)
