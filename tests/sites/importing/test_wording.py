"""Bodies from plain text: headings, tables, paragraphs, and every word still there."""

import gzip
import json
from pathlib import Path

import pytest

from sites.common.body import read_body
from sites.content.importing.cleaning import clean_text
from sites.content.importing.wording import is_heading, stored_body

LAWS = Path(__file__).parents[4] / "shared" / "data" / "laws.jsonl.gz"


def blocks(text: str) -> list[tuple[str, object]]:
    return [(block["type"], block["value"]) for block in json.loads(stored_body(text, "n1"))]


def test_chapters_become_headings_and_the_rest_paragraphs() -> None:
    text = "前言\n第一章 总则\n第一条 为了<安全>。\n第二条 略。\n第二章\n第三条 完。"
    assert blocks(text) == [
        ("paragraph", "<p>前言</p>"),
        ("heading", "第一章 总则"),
        ("paragraph", "<p>第一条 为了&lt;安全&gt;。</p><p>第二条 略。</p>"),
        ("heading", "第二章"),
        ("paragraph", "<p>第三条 完。</p>"),
    ]


@pytest.mark.parametrize(
    "line", ["第一章 总则", "第十二节　监督管理", "第六章法律责任", "第一编 总则", "第一分编 通则"]
)
def test_headings(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "第一条 总则",
        "第七章规定的职责由市政府行使",
        "第二章第三节删去",
        "第三章 内容是：",
        "第七节相应改为第八节",
        "总则",
    ],
)
def test_sentences_are_no_headings(line: str) -> None:
    assert not is_heading(line)


def test_a_table_becomes_a_table() -> None:
    ((kind, value),) = blocks("| 条文 | 罪名 |\n|---|:--|\n| 第一条 | 甲 |\n| 第二条 |")
    assert kind == "table"
    assert value == {
        "caption": "",
        "columns": [{"type": "text", "heading": "条文"}, {"type": "text", "heading": "罪名"}],
        "rows": [{"values": ["第一条", "甲"]}, {"values": ["第二条", ""]}],
    }


def test_ids_of_blocks_stay_the_same_for_the_same_document() -> None:
    assert stored_body("甲\n第一章 乙", "n1") == stored_body("甲\n第一章 乙", "n1")
    assert stored_body("甲", "n1") != stored_body("甲", "n2")


@pytest.mark.skipif(not LAWS.exists(), reason="the law collection is not on this machine")
def test_no_word_of_real_laws_is_lost() -> None:
    with gzip.open(LAWS, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number % 40:
                continue
            document = json.loads(line)
            text, _ = clean_text(document["body"])
            found = read_body(json.loads(stored_body(text, document["id"]))).text
            assert _words(found) == _words(text), document["title"]


def _words(text: str) -> str:
    return "".join(sign for sign in text if sign not in "|-: \t\n\u3000")
