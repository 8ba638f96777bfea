"""LANGUAGE.md tells the truth: its examples are read, and it names every word that the reader knows."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from cluster.column_templates import vocabulary
from cluster.column_templates.reading import read_law
from cluster.column_templates.reading.columns import COLUMN_WORDS
from cluster.column_templates.reading.limits import DUE_WORDS, UPDATE_WORDS
from cluster.column_templates.reading.rules import COMPANION_WORDS, RULE_WORDS

PAGE = (Path(settings.BASE_DIR) / "cluster" / "column_templates" / "LANGUAGE.md").read_text()
COMMON, COUNTY = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_are_read_together() -> None:
    law = read_law({"common.toml": COMMON, "county.toml": COUNTY}).of("county")
    assert [(column.code, column.name) for column in law.columns] == [
        ("zc", "政策"), ("zcwj", "政策文件"), ("bdfw", "本地服务"),
    ]  # fmt: skip
    documents = law.column("zcwj")
    assert documents
    assert len(documents.items) == 6
    assert documents.companions[0].within == 3
    assert [block["type"] for block in law.home] == ["column_list", "directory"]


@pytest.mark.parametrize(
    "words",
    [
        COLUMN_WORDS,
        RULE_WORDS,
        COMPANION_WORDS,
        UPDATE_WORDS,
        DUE_WORDS,
        *(
            getattr(vocabulary, name).values
            for name in ("Severity", "Unit", "ItemField", "Check", "Companion", "ColumnClass", "ItemType")
        ),
        (*vocabulary.HOME_BLOCKS, *vocabulary.HOME_LAYOUTS, *vocabulary.HOME_WIDTHS),
    ],
)
def test_every_word_of_the_language_is_told(words: tuple[str, ...]) -> None:
    told = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert [word for word in words if word not in told] == []


def test_the_page_is_one_page() -> None:
    assert len(PAGE.splitlines()) < 150
