"""The reader: what the words of the language make of a column, a kind and the common texts."""

from datetime import date

from cluster.column_templates.reading import read_law
from cluster.column_templates.reading.lines import lines_of
from tests.support.law_texts import UNLISTED, A, column, county, only_column


def test_a_column_says_everything_that_the_language_has() -> None:
    read = only_column(
        "menu = true",
        'takes = ["policy_document", "interpretation"]',
        "mandatory = false",
        "open_below = true",
        "shows_dates = false",
        'unit = "办公厅"',
        'reviewer = "主任"',
        'update = { within = 10, unit = "workdays", warn = 3, severity = "veto", basis = "法" }',
        "least = 2",
        "depth = 2",
        'items = [{ field = "title", check = "at_most", argument = 60, severity = "advice", valid_from = 2026-01-01 }]',
        'companions = [{ companion = "document", within = 0 }]',
        'basis = "条例"',
        'severity = "warning"',
        "valid_from = 2019-05-15",
        'valid_to = "2030-01-01"',
    )
    assert (read.menu, read.mandatory, read.open_below, read.shows_dates) == (True, False, True, False)
    assert read.takes == ("policy_document", "interpretation")
    assert read.update
    assert (read.update.within, read.update.unit, read.update.warn, read.update.severity) == (10, "workdays", 3, "veto")
    assert (read.least, read.depth, read.unit, read.reviewer) == (2, 2, "办公厅", "主任")
    rule, companion = read.items[0], read.companions[0]
    assert (rule.id, rule.argument, rule.valid_from) == ("a.title.at_most", 60, date(2026, 1, 1))
    assert (companion.id, companion.within, companion.unit) == ("a.document.companion", 0, "workdays")
    assert (read.severity, read.valid_from, read.valid_to) == ("warning", date(2019, 5, 15), date(2030, 1, 1))


def test_words_of_a_kind_lie_over_the_common_ones() -> None:
    common = A.format(code="a").replace("override", "columns") + 'items = ["given"]\n'
    common += '[rules.given]\nfield = "source"\ncheck = "required"\nseverity = "refusal"\n'
    common += '[every]\nitems = ["given"]\n'
    texts = {"common.toml": common, "county.toml": 'columns = ["a"]\n[override.a]\nname = "乙"\n'}
    texts["city.toml"] = 'columns = ["a"]\n[override.a]\nitems = []\n'
    law = read_law(texts, 7)
    assert law.version == 7
    in_county, in_city = law.of("county").column("a"), law.of("city").column("a")
    assert in_county
    assert in_city
    assert (in_county.name, in_city.name) == ("乙", "甲a")
    # What holds for every column cannot be written away, and is not doubled where it is named again.
    assert [rule.id for rule in in_county.items] == [rule.id for rule in in_city.items] == ["a.source.required"]
    assert law.of("department").columns == ()


def test_a_rule_of_the_column_replaces_the_same_of_every_column() -> None:
    rule = '{{ field = "source", check = "required", severity = "{}" }}'
    texts = county(column("a", f"items = [{rule.format('warning')}]"))
    texts["common.toml"] = f"[every]\nitems = [{rule.format('refusal')}]\n"
    assert [rule.severity for rule in read_law(texts).of("county").columns[0].items] == ["warning"]


def test_a_kind_sets_the_one_limit_over_the_common_other() -> None:
    common = A.format(code="a").replace("override", "columns") + "update = { within = 9 }\n"
    texts = {"common.toml": common, "county.toml": 'columns = ["a"]\n[override.a]\ndue = { day = "01-31" }\n'}
    texts["city.toml"] = 'columns = ["a"]\n'
    law = read_law(texts)
    in_county, in_city = law.of("county").columns[0], law.of("city").columns[0]
    assert in_county.due
    assert (in_county.update, in_county.due.month, in_county.due.day) == (None, 1, 31)
    assert in_county.limit == in_county.due
    assert in_city.limit == in_city.update
    assert in_city.due is None


def test_parents_come_before_children_and_the_rest_stays_in_order() -> None:
    texts = county(column("a", 'parent = "c"'), column("b"), column("c"), codes='"a", "b", "c"')
    assert [one.code for one in read_law(texts).of("county").columns] == ["c", "a", "b"]


def test_arguments_take_the_form_that_the_checks_know() -> None:
    rules = (
        '{ field = "written_on", check = "not_after", argument = "published_at", severity = "refusal" },',
        '{ field = "published_at", check = "within_workdays_of",'
        ' argument = { field = "written_on", days = 20 }, severity = "warning" },',
        '{ field = "validity", check = "one_of", argument = ["有效"], severity = "advice" },',
    )
    read = only_column("items = [", *rules, "]")
    assert [rule.argument for rule in read.items] == ["published_at", ("written_on", 20), ("有效",)]


def test_columns_that_no_kind_lists_are_named_and_others_are_not() -> None:
    texts = {**county(column("a")), "common.toml": UNLISTED}
    assert read_law(texts).unlisted == (("x", "甲x"),)
    listed = {**texts, "city.toml": 'columns = ["x"]\n'}
    assert read_law(listed).unlisted == ()


LONG = """a = \"\"\"
[x]
\"\"\"

# b = 1 [
"b.c" . d = [ 1, # one ]
  { e = "}", f = ['#'] },
]
[[t]]
x = 1
[[t]]
x = 2
[t.u]
y = 1
"""


def test_lines_are_found_through_comments_and_long_texts() -> None:
    lines = lines_of(LONG)
    assert lines[("b.c", "d")] == 6
    assert lines[("b.c", "d", 1, "e")] == lines[("b.c", "d", 1, "f", 0)] == 7
    assert (lines[("t", 0, "x")], lines[("t", 1)], lines[("t", 1, "x")]) == (10, 11, 12)
