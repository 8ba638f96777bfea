"""The blocks of a kind's home page. Called by `whole`; drawn by the blocks of the same names in the sites' home pages."""

from collections.abc import Collection, Mapping
from typing import Any

from cluster.column_templates.reading.columns import FEEDERS
from cluster.column_templates.reading.problems import one_of
from cluster.column_templates.reading.texts import Place, Report, Text
from cluster.column_templates.reading.words import Words, words_of
from cluster.column_templates.vocabulary import HOME_BLOCKS, HOME_LAYOUTS, HOME_WIDTHS


def read_home(report: Report, text: Text, codes: Collection[str]) -> tuple[Mapping[str, Any], ...]:
    """Return the blocks in order, exactly as written; every fault is reported."""
    written = text.data.get("home", [])
    if not isinstance(written, list):
        report.add(Place(text, "home"), "home 应当是一串 [[home]] 小节", "每个版块以一行 [[home]] 开头")
        return ()
    for number, block in enumerate(written):
        _check_block(report, Place(text, "home", number), block, codes)
    return tuple(written)


def _check_block(report: Report, place: Place, block: object, codes: Collection[str]) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(kind, str) or kind not in HOME_BLOCKS:
        report.unknown(place.at("type"), "首页版块的 type", kind, HOME_BLOCKS)
        return
    words = words_of(report, place, block, ("type", *HOME_BLOCKS[kind]), f"首页版块“{kind}”")
    for name in HOME_BLOCKS[kind]:
        _check_word(words, name, codes)


def _check_word(words: Words, name: str, codes: Collection[str]) -> None:
    value = words.get(name)
    match name:
        case "column" | "action_column":
            if value is None and name == "column":
                words.wrong(name, "没有写", "写上这类站点 columns 里的一个栏目代码")
            elif value is not None and value not in list(codes):
                words.wrong(name, f"提到栏目“{value}”，但 columns 里没有它", one_of(codes, value))
        case "limit":
            words.number(name, 6, 1, 20)
        case "layout":
            words.choice(name, HOME_LAYOUTS, "dated", "样式")
        case "width":
            words.choice(name, HOME_WIDTHS, "half", "宽度")
        case "kinds":
            words.choices(name, FEEDERS, "站点类别")
        case _:
            words.text(name, longest=20)
