"""One column: its words from the common base and from the kind's own text, turned into a ColumnLaw. Called by `whole`."""

import re
from typing import Any

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.reading.limits import read_due, read_update
from cluster.column_templates.reading.rules import NamedRules, read_companions, read_items, refuse_unfit
from cluster.column_templates.reading.texts import Place
from cluster.column_templates.reading.words import Words
from cluster.column_templates.vocabulary import RESERVED_CODES, ColumnClass, ItemType, Severity
from cluster.subsites.models import SiteKind

COLUMN_WORDS = (
    "name", "parent", "class", "column_type", "description", "keywords", "menu", "fed_by", "body",
    "mandatory", "takes", "replaces", "open_below", "shows_dates", "unit", "reviewer", "update", "due", "least", "depth",
    "items", "companions", "basis", "severity", "valid_from", "valid_to",
)  # fmt: skip
CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
CODE_CURE = "以小写字母开头，只用小写字母、数字、连字符和下划线，最多40个字符"
FEEDERS = [kind for kind in SiteKind.values if kind != SiteKind.CONSOLE]


def read_column(code: str, words: Words, named: NamedRules, common: list[tuple[Any, Place]]) -> ColumnLaw:
    """Make a column of its words."""
    if not CODE.fullmatch(code):
        words.report.add(words.place, f"栏目代码“{code}”写得不对", CODE_CURE)
    if code in RESERVED_CODES:
        words.report.add(
            words.place, f"栏目代码“{code}”是系统自己的网址，用了就打不开", "换一个代码，例如加上名称的首字母"
        )
    first, last = words.validity()
    fed_by = words.choice("fed_by", FEEDERS, "", "汇集的站点类别")
    takes = words.choices("takes", ItemType.values, "内容类型")
    # What other sites feed has been checked where it was written.
    items, companions = read_items(words, code, named, [] if fed_by else common), read_companions(words, code)
    refuse_unfit(words, takes or (ItemType.ARTICLE.value,), items, companions)
    return ColumnLaw(
        code=code,
        name=words.text("name", needed=True, longest=60),
        column_class=words.choice("class", ColumnClass.values, None, "栏目类别"),
        column_type=words.text("column_type", needed=True, longest=40),
        description=words.text("description", needed=True, longest=300),
        keywords=words.text("keywords", needed=True, longest=200),
        parent=words.text("parent"),
        menu=words.flag("menu", False),
        fed_by=fed_by,
        body=words.texts("body"),
        mandatory=words.flag("mandatory", True),
        takes=takes,
        replaces=words.texts("replaces"),
        open_below=words.flag("open_below", False),
        shows_dates=words.flag("shows_dates", True),
        unit=words.text("unit", longest=100),
        reviewer=words.text("reviewer", longest=100),
        update=read_update(words),
        due=read_due(words),
        least=words.number("least", 0, 0, 10_000),
        depth=words.number("depth", 3, 1, 9),
        items=items,
        companions=companions,
        basis=words.text("basis", longest=300),
        severity=words.choice("severity", Severity.values, Severity.REFUSAL.value, "轻重"),
        valid_from=first,
        valid_to=last,
    )
