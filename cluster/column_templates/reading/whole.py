"""read_law: the texts of all kinds over their common base, as one Law, or every problem at once."""

from collections.abc import Collection, Mapping
from typing import Any

from cluster.column_templates import vocabulary
from cluster.column_templates.law import ColumnLaw, ItemRule, Law, SiteLaw
from cluster.column_templates.reading.columns import COLUMN_WORDS, read_column
from cluster.column_templates.reading.homes import read_home
from cluster.column_templates.reading.problems import BrokenTemplates
from cluster.column_templates.reading.rules import check_every, read_rule
from cluster.column_templates.reading.texts import Place, Report, Text
from cluster.column_templates.reading.trees import in_order, judge_unlisted
from cluster.column_templates.reading.words import Words
from cluster.column_templates.sources import COMMON, FILES
from cluster.subsites.models import SiteKind

COMMON_WORDS = ("rules", "every", "columns")
KIND_WORDS = ("columns", "override", "home")


def read_law(sources: Mapping[str, str], version: int = 0, language: int | None = None) -> Law:
    """Make the law of these texts (file name → text). Raises BrokenTemplates, which names every problem.

    Texts of an earlier `language` have once been found right: what is a problem by now becomes a fault of the law, and as much as
    can be understood holds. Without a number the texts are new.
    """
    report = Report(tolerant=language is not None and language < vocabulary.LANGUAGE)
    texts = {name: Text(name, text, is_stored=report.tolerant) for name, text in sources.items()}
    for name, text in texts.items():
        if text.problem:
            report.problems.append(text.problem)
        if name not in FILES:
            report.unknown(Place(text), "模板文件", name, FILES)
    base = _Base(report, texts.get(COMMON) or Text(COMMON, ""))
    kinds = {
        kind: _read_kind(kind, texts[f"{kind}.toml"], base)
        for kind in SiteKind.values
        if f"{kind}.toml" in texts and not texts[f"{kind}.toml"].problem and not base.text.problem
    }
    unlisted: dict[str, ColumnLaw] = {}
    if not any(text.problem for text in texts.values()):
        unlisted = _read_unlisted(base, {code for law in kinds.values() for code in law.by_code})
    if report.problems and (not report.tolerant or any(text.problem for text in texts.values())):
        raise BrokenTemplates(report.problems)
    faults = tuple(str(problem) for problem in sorted(set(report.problems)))
    return Law(version, kinds, faults, tuple((column.code, column.name) for column in unlisted.values()))


class _Base:
    """The common base: named rules, rules for every column, and the words of columns."""

    def __init__(self, report: Report, text: Text) -> None:
        self.report, self.text = report, text
        data = report.table(Place(text), text.data, COMMON_WORDS, "公共模板")
        self.columns = _tables(report, Place(text, "columns"), data.get("columns", {}))
        for code, words in self.columns.items():
            report.table(Place(text, "columns", code), words, COLUMN_WORDS, f"栏目“{code}”")
        self.rules: dict[str, ItemRule | None] = {
            name: read_rule(report, Place(text, "rules", name), words, "", f"“{name}”")
            for name, words in _tables(report, Place(text, "rules"), data.get("rules", {})).items()
        }
        every = report.table(Place(text, "every"), data.get("every", {}), ("items",), "每个栏目")
        items = every.get("items", [])
        if not isinstance(items, list):
            report.add(Place(text, "every", "items"), "items 应当是一个列表", "写成 items = [ … ]")
            items = []
        self.every: list[tuple[Any, Place]] = [
            (value, Place(text, "every", "items", number)) for number, value in enumerate(items)
        ]
        check_every(report, self.every, self.rules)


def _tables(report: Report, place: Place, value: object) -> dict[str, dict[str, Any]]:
    """Return the tables inside a table; anything else is a problem."""
    if not isinstance(value, dict):
        report.add(place, f"{place.path[-1]} 应当由小节组成", f"按 [{place.path[-1]}.代码] 的样子写")
        return {}
    for name, one in value.items():
        if not isinstance(one, dict):
            report.add(place.at(name), f"“{name}”应当是一个小节", f"按 [{place.path[-1]}.{name}] 的样子写")
    return {name: one for name, one in value.items() if isinstance(one, dict)}


def _read_unlisted(base: _Base, listed: Collection[str]) -> dict[str, ColumnLaw]:
    """Read and return the common columns that no kind lists, so that their faults are told before one does."""
    words = {}
    for code, written in base.columns.items():
        if code not in listed:
            place = Place(base.text, "columns", code)
            placed = {name: (value, place.at(name)) for name, value in written.items()}
            words[code] = Words(base.report, place, placed, f"栏目“{code}”")
    columns = {code: read_column(code, said, base.rules, base.every) for code, said in words.items()}
    judge_unlisted(columns, words, listed)
    return columns


def _read_kind(kind: str, text: Text, base: _Base) -> SiteLaw:
    """Read the text of one kind over the common base."""
    report = base.report
    data = report.table(Place(text), text.data, KIND_WORDS, "站点模板")
    overrides = _tables(report, Place(text, "override"), data.get("override", {}))
    listed = _listed(report, text, data.get("columns", []))
    for code in overrides:
        if code not in listed:
            cure = f"把“{code}”写进 columns，或者删去这一节"
            report.add(Place(text, "override", code), f"改写了栏目“{code}”，但 columns 里没有它", cure)
    words = {code: _words(code, place, text, overrides.get(code, {}), base) for code, place in listed.items()}
    columns: dict[str, ColumnLaw] = {
        code: read_column(code, said, base.rules, base.every) for code, said in words.items() if said.words
    }
    common = {code: str(said.get("name", "")) for code, said in base.columns.items()}
    ordered = in_order(columns, words, common, Place(text, "columns"))
    return SiteLaw(kind, ordered, read_home(report, text, listed), {column.code: column for column in ordered})


def _listed(report: Report, text: Text, written: object) -> dict[str, Place]:
    """Return the codes in the order of the list, each with its place; a second mention is a problem."""
    if not isinstance(written, list) or not all(isinstance(code, str) for code in written):
        report.add(Place(text, "columns"), "columns 应当是一列栏目代码", '写成 columns = ["dtyw", "tzgg"]')
        return {}
    listed: dict[str, Place] = {}
    for number, code in enumerate(written):
        place = Place(text, "columns", number)
        if code in listed:
            report.add(place, f"栏目“{code}”写了两次", "只留一个")
        listed.setdefault(code, place)
    return listed


def _words(code: str, listed: Place, text: Text, own: Mapping[str, Any], base: _Base) -> Words:
    """Lay a kind's own words over the common ones; what is missing is reported where the kind lists the column."""
    owner = f"栏目“{code}”"
    place = Place(text, "override", code)
    base.report.table(place, own, COLUMN_WORDS, owner)
    shared = base.columns.get(code, {})
    # Whoever sets the one limit in his own text does not mean the common other one.
    replaced = {other for word, other in (("due", "update"), ("update", "due")) if word in own} - own.keys()
    words = {
        name: (value, Place(base.text, "columns", code, name)) for name, value in shared.items() if name not in replaced
    }
    words |= {name: (value, place.at(name)) for name, value in own.items()}
    if not words:
        near = [known for known in base.columns if known[:2] == code[:2]]
        hint = f"；公共模板里相近的有：{'、'.join(near)}" if near else ""
        base.report.add(listed, f"{owner}在公共模板和 override 里都没有", f"写上 [override.{code}]，或者改正代码{hint}")
    return Words(base.report, listed, words, owner)
