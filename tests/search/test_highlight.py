"""Marks in titles and snippets: the right words, escaped, whatever the text holds."""

import re

import pytest

from search.highlight import SNIPPET_LENGTH, Highlighter, marked
from search.parsing import parse_query


def highlighter(text):
    return Highlighter.for_query(parse_query(text))


def test_the_words_of_the_query_are_marked_and_neighbours_joined():
    assert highlighter("供热条例").title("青岛市供热条例") == "青岛市<em>供热条例</em>"
    assert highlighter("条例 供热").title("供热条例") == "<em>供热条例</em>"


def test_part_of_a_long_word_is_marked():
    assert "<em>违章</em>" in highlighter("邻居违章搭建").snippet("不得违章建造")


def test_the_official_word_for_an_everyday_one_is_marked():
    assert "<em>家庭暴力</em>" in highlighter("家暴").snippet("预防和制止家庭暴力")


def test_the_original_characters_are_shown():
    assert highlighter("歷史").title("历史街区") == "<em>历史</em>街区"
    assert highlighter("历史").title("歷史街區") == "<em>歷史</em>街區"


def test_a_title_met_by_its_sound_is_marked():
    assert highlighter("lvyoufa").title("中华人民共和国旅游法") == "中华人民共和国<em>旅游法</em>"


def test_html_is_escaped_inside_and_outside_of_marks():
    html = highlighter("供热").snippet("<script>alert(1)</script>供热&<b>")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<em>供热</em>&amp;&lt;b&gt;" in html


def test_the_snippet_shows_the_place_with_most_words_and_is_short():
    text = "供热。" + "无关的话。" * 200 + "供热单位应当退还热费并公示标准。" + "无关的话。" * 200
    html = highlighter("供热退还热费").snippet(text)
    assert html.startswith("…")
    assert html.endswith("…")
    assert "<em>退还热费</em>" in html
    assert len(re.sub("<[^>]+>", "", html)) <= SNIPPET_LENGTH + 2


def test_the_first_text_with_a_match_is_taken():
    assert highlighter("电梯").snippet("正文没有", "摘要没有", "附件说电梯") == "附件说<em>电梯</em>"


def test_without_a_match_the_text_begins_unmarked():
    assert highlighter("电梯").snippet("", "摘要") == "摘要"
    assert highlighter("电梯").snippet("", "") == ""


@pytest.mark.parametrize("typed", ["", "***", "(", "[a", "a|b", "\\", "👍", "a" * 200, "供" * 200])
def test_any_query_and_any_text_end_well(typed):
    assert highlighter(typed).snippet("供热\x00\ud800[a(" * 2000) is not None


def test_marking_without_spans_escapes_only():
    assert marked("a<b", []) == "a&lt;b"
