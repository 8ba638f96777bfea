"""The reader, given what no person would write: a law or problems, never another error."""

from contextlib import suppress

import pytest

from cluster.column_templates.reading import BrokenTemplates, read_law
from cluster.column_templates.reading.columns import COLUMN_WORDS
from tests.support.law_texts import GIVEN, column, county, faults

ODD = (
    "3",
    "-1",
    "1.5",
    "true",
    '""',
    '"x"',
    "[]",
    "[3]",
    '["x"]',
    "{}",
    "{ x = 1 }",
    "[[]]",
    "2026-01-01",
    "[{ x = [{}] }]",
)


@pytest.mark.parametrize("odd", ODD)
def test_no_value_of_any_kind_breaks_the_reader(odd: str) -> None:
    """Whatever stands at whatever word: a law, or problems; never another error."""
    inner = ("field", "check", "severity", "argument", "valid_from")
    texts = [county(column("a", f"{word} = {odd}")) for word in COLUMN_WORDS if word not in GIVEN]
    texts += [county(column("a").replace(f"{word} = ", f"{word} = {odd} # ")) for word in GIVEN]
    texts += [county(column("a", f"items = [{{ {word} = {odd} }}]")) for word in inner]
    texts += [county(column("a", f"update = {{ {word} = {odd} }}")) for word in ("within", "unit", "warn")]
    texts += [county(column("a", f"due = {{ {word} = {odd} }}")) for word in ("day", "warn", "severity")]
    texts += [county(column("a"), end=f"[[home]]\n{word} = {odd}\n") for word in ("type", "column")]
    for word in ("column", "limit", "layout", "heading", "action_column"):
        texts.append(county(column("a"), end=f'[[home]]\ntype = "column_list"\n{word} = {odd}\n'))
    texts += [{"county.toml": f"{word} = {odd}\n"} for word in ("columns", "override", "home", '"')]
    texts += [{"common.toml": f"{word} = {odd}\n", "county.toml": ""} for word in ("columns", "rules", "every")]
    texts += [{"common.toml": f"[{word}]\nitems = {odd}\n"} for word in ("every", "rules", "columns")]
    for text in texts:
        with suppress(BrokenTemplates):
            read_law(text)


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "\x00", "x = '\ud83d", "﻿x = 1"])
def test_texts_that_no_person_wrote_are_refused_in_one_sentence(text: str) -> None:
    (found,) = faults({"county.toml": text})
    assert found.startswith("county.toml 第 1 行：")
