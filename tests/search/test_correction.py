"""Misspelled queries are put right by the titles they nearly met, and right ones are left alone."""

import pytest

from search.correction import corrected_text
from search.parsing import parse_query

TITLES = [
    "中华人民共和国证券法",
    "中华人民共和国公证法",
    "中华人民共和国商标法",
    "旅游业发展促进条例",
    "青岛市档案管理条例",
]


def corrected(text, known=()):
    return corrected_text(parse_query(text), TITLES, lambda phrases: {p for p in phrases if p in known})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("证卷法", "证券法"),
        ("商表法", "商标法"),
        ("档岸管理", "档案管理"),
        ("旅游的发展促近条例", "旅游的发展促进条例"),
    ],
)
def test_a_wrong_character_is_found(typed, meant):
    assert corrected(typed) == meant


def test_what_stands_somewhere_in_the_cluster_is_no_mistake():
    assert corrected("证卷法", known={"证卷法"}) is None


@pytest.mark.parametrize("typed", ["证券法", "供热", "zhengquan", "", "***", "今年冬天供热补贴怎么领", "法"])
def test_right_unknown_and_short_queries_are_left_alone(typed):
    assert corrected(typed) is None


def test_only_the_wrong_word_is_replaced():
    assert corrected("上海 证卷法 2019") == "上海 证券法 2019"
