"""The reader: every fault is named with file, line and cure, all at once; the words of the language are closed."""

from contextlib import suppress
from datetime import date

import pytest

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.reading import BrokenTemplates, read_law
from cluster.column_templates.reading.columns import COLUMN_WORDS
from cluster.column_templates.reading.lines import lines_of

GIVEN = ("name", "class", "column_type", "description", "keywords")
A = '[override.{code}]\nname = "甲{code}"\nclass = "static"\ncolumn_type = "x"\ndescription = "x"\nkeywords = "x"\n'


def column(code: str, *words: str) -> str:
    """Write a sound column of a kind, with further words."""
    return A.format(code=code) + "".join(f"{word}\n" for word in words)


def county(*columns: str, codes: str = '"a"', end: str = "") -> dict[str, str]:
    """Write the texts of a county."""
    return {"common.toml": "", "county.toml": f"columns = [{codes}]\n" + "".join(columns) + end}


def only_column(*words: str) -> ColumnLaw:
    """Read one column of these words."""
    return read_law(county(column("a", *words))).of("county").columns[0]


def faults(sources: dict[str, str]) -> list[str]:
    """Return the sentences about broken texts."""
    with pytest.raises(BrokenTemplates) as refused:
        read_law(sources)
    return [str(problem) for problem in refused.value.problems]


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


UNLISTED = A.format(code="x").replace("override", "columns")
RULE = 'items = [{ field = "title", check = "required", severity = "advice"'
BROKEN = {
    "a word that the language does not have": (county(column("a", 'colour = "red"')), 8, "colour", "可以写的有"),
    "a word nearly right": (county(column("a", 'updat = "x"')), 8, "updat", "是不是想写“update”"),
    "an unknown class": (county(column("a").replace("static", "weekly")), 4, "weekly", "realtime"),
    "an unknown field": (county(column("a", RULE.replace("title", "height") + "}]")), 8, "height", "title"),
    "an unknown check": (county(column("a", RULE.replace("required", "pretty") + "}]")), 8, "pretty", "required"),
    "an unknown severity": (county(column("a", RULE.replace("advice", "deadly") + "}]")), 8, "deadly", "refusal"),
    "an unknown unit": (county(column("a", 'update = { within = 3, unit = "weeks" }')), 8, "weeks", "workdays"),
    "an unknown kind of site": (county(column("a", 'fed_by = "village"')), 8, "village", "county"),
    "an unknown file": ({**county(column("a")), "village.toml": ""}, 1, "village.toml", "county.toml"),
    "an unknown companion": (county(column("a", 'companions = [{companion = "b", within = 3}]')), 8, "“b”", "document"),
    "an unknown page type": (county(column("a", 'takes = ["film"]')), 8, "film", "article"),
    "a rule that nobody named": (county(column("a", 'items = ["nowhere"]')), 8, "nowhere", "可以写的有"),
    "a circle of parents": (
        county(column("a", 'parent = "b"'), column("b", 'parent = "a"'), codes='"a", "b"'),
        15, "a → b → a", "圈外",
    ),
    "its own parent": (county(column("a", 'parent = "a"')), 8, "a → a", "圈外"),
    "an unknown parent": (county(column("a", 'parent = "zz"')), 8, "zz", "columns"),
    "a parent that the kind does not list": (
        {**county(column("a", 'parent = "x"'), column("b", 'parent = "x"'), codes='"a", "b"'), "common.toml": UNLISTED},
        1, "没有“甲x”（x），却有它的下级栏目“甲a”（a）、“甲b”（b）", "把“x”写进 columns",
    ),
    "a comma left out": (county(codes='"a" "b"'), 1, "缺少逗号", "补上英文逗号"),
    "a comma left out at the end of a line": (county(codes='"a"\n"b"'), 2, "缺少逗号", "补上英文逗号"),
    "a comma left out between rules": (
        county(column("a", "items = [", f"{RULE[9:]} }}", f"{RULE[9:]} }}]")), 10, "缺少逗号", "补上英文逗号",
    ),
    "a comma left out inside a rule": (
        county(column("a", RULE.replace(", check", " check") + " }]")), 8, "缺少逗号", "补上英文逗号",
    ),
    "a comma of Chinese writing": (county(codes='"a"，"b"'), 1, "“，”不是英文逗号", "换成英文逗号"),
    "a list that goes on into the next section": (
        {"common.toml": "", "county.toml": 'columns = [\n"a"\n[override.a]\n'}, 3, "方括号没有闭合", "补上 ]",
    ),
    "a list that goes on into the next word": (
        {"common.toml": "", "county.toml": 'columns = [\n"a"\nhome = []\n'}, 3, "方括号没有闭合", "补上 ]",
    ),
    "a pair of braces over two lines": (
        county(column("a", RULE + ",", "}]")), 8, "花括号", "同一行",
    ),
    "a brace left open": (county(column("a", RULE)), 8, "花括号", "补上 }"),
    "two columns of one code": (county(column("a"), codes='"a", "a"'), 1, "写了两次", "只留一个"),
    "a column declared twice": (county(column("a"), column("a")), 8, "写了两次", "删去其中一个"),
    "a column that is nowhere described": (county(), 1, "“a”", "[override.a]"),
    "an override of a column not listed": (county(column("a"), column("b")), 8, "“b”", "写进 columns"),
    "no name": (county(column("a").replace('name = "甲a"\n', "")), 1, "name", 'name = "…"'),
    "an empty name": (county(column("a").replace("甲a", " ")), 3, "name", "写上内容"),
    "a code that is none": (county(column('"A b"').replace('甲"A b"', "甲"), codes='"A b"'), 1, "A b", "小写字母"),
    "a flag in quotes": (county(column("a", 'menu = "true"')), 8, "menu", "true 或 false"),
    "a number in quotes": (county(column("a", 'least = "3"')), 8, "least", "整数"),
    "a text without quotes that is a number": (county(column("a", "unit = 3")), 8, "unit", "unit ="),
    "a day that is none": (county(column("a", 'valid_from = "2026-02-30"')), 8, "2026-02-30", "2026-01-31"),
    "a day that is none, as TOML": (county(column("a", "valid_from = 2026-02-30")), 8, "日期", "2026-01-31"),
    "a moment instead of a day": (county(column("a", "valid_from = 2026-02-03T10:00:00")), 8, "日期", "不带时间"),
    "an end before the beginning": (
        county(column("a", "valid_to = 2026-01-01", "valid_from = 2026-03-01")), 9, "晚于", "改正其中一个",
    ),
    "a warning as long as the limit": (county(column("a", "update = { within = 3, warn = 3 }")), 8, "warn", "小于"),
    "no limit": (county(column("a", "update = { warn = 3 }")), 8, "within", "整数"),
    "a day that not every year has": (county(column("a", 'due = { day = "02-29" }')), 8, "02-29", "02-28"),
    "a day that no year has": (county(column("a", 'due = { day = "04-31" }')), 8, "04-31", 'day = "01-31"'),
    "a day of no month": (county(column("a", 'due = { day = "13-01" }')), 8, "13-01", 'day = "01-31"'),
    "a day without its noughts": (county(column("a", 'due = { day = "1-31" }')), 8, "1-31", "两位"),
    "a day with its year": (county(column("a", "due = { day = 2026-01-31 }")), 8, "2026-01-31", "两位"),
    "a yearly limit without its day": (county(column("a", "due = { warn = 3 }")), 8, "day", "没有写"),
    "a yearly limit in plain words": (county(column("a", 'due = "01-31"')), 8, "每年期限", "LANGUAGE.md"),
    "a warning in the year before": (
        county(column("a", 'due = { day = "01-31", warn = 31 }')), 8, "上一年", "最多写 30",
    ),
    "a limit in days and one each year": (
        county(column("a", "update = { within = 3 }", 'due = { day = "01-31" }')), 9, "不能和 update", "只留一个",
    ),
    "a needless argument": (county(column("a", RULE + ", argument = 3 }]")), 8, "argument", "删去"),
    "a missing argument": (county(column("a", RULE.replace("required", "at_most") + " }]")), 8, "argument", "整数"),
    "an argument that is no date field": (
        county(column("a", 'items = [{field="written_on", check="not_after", severity="advice", argument="title"}]')),
        8, "argument", "published_at",
    ),
    "a limit without its days": (
        county(column("a", 'items = [{field="published_at", check="within_workdays_of", severity="advice", argument=3}]')),
        8, "argument", "days = 20",
    ),
    "a check unfit for its field": (
        county(column("a", RULE.replace("required", "document_number") + " }]")), 8, "title", "可以用于",
    ),
    "a list of words for a date": (
        county(column("a", 'items = [{field="written_on", check="one_of", severity="advice", argument=["x"]}]')),
        8, "written_on", "可以用于",
    ),
    "a warning as long as a limit of one day": (
        county(column("a", "update = { within = 1, warn = 1 }")), 8, "warn", "小于",
    ),
    "a field that the column's pages do not have": (
        county(column("a", 'items = [{field="index_number", check="required", severity="advice"}]')),
        8, "索引号", "policy_document",
    ),
    "a companion that the column's pages cannot have": (
        county(column("a", 'companions = [{companion = "interpretation", within = 3}]')), 8, "政策解读", "policy_document",
    ),
    "a code that the product answers itself": (county(column("admin"), codes='"admin"'), 1, "admin", "换一个代码"),
    "two names side by side": (
        county(column("a"), column("b").replace("甲b", "甲a"), codes='"a", "b"'), 9, "重名", "不同的名称",
    ),
    "a column that replaces itself": (county(column("a", 'replaces = ["a"]')), 8, "自己", "旧栏目"),
    "a column that replaces a standing one": (
        county(column("a", 'replaces = ["b"]'), column("b"), codes='"a", "b"'), 8, "还在", "去掉它",
    ),
    "two that replace one": (
        county(column("a", 'replaces = ["x"]'), column("b", 'replaces = ["x"]'), codes='"a", "b"'), 15, "“a”接替", "只留一处",
    ),
    "a column that outlives the one above": (
        county(column("a", "valid_to = 2026-01-01"), column("b", 'parent = "a"'), codes='"a", "b"'),
        1, "2026-01-01", "valid_to",
    ),
    "a NUL in a name": (
        county(column("a").replace("甲a", "甲\\u0000a")), 3, "看不见的字符（U+0000）", "删去它",
    ),
    "a line break in a text": (county(column("a", 'unit = """办公厅\n秘书处"""')), 8, "U+000A", "写成一行"),
    "letters turned around unseen": (county(column("a", 'reviewer = "主\u202e任"')), 8, "U+202E", "删去它"),
    "a paragraph of two lines": (county(column("a", 'body = ["一", "二\\n三"]')), 8, "U+000A", "每段写成一项"),
    "a NUL among allowed words": (
        county(column("a", 'items = [{field="title", check="one_of", severity="advice", argument=["x\\u0000"]}]')),
        8, "argument", "U+0000",
    ),
    "a control sign in a heading of the home page": (
        county(column("a"), end='[[home]]\ntype = "column_list"\ncolumn = "a"\nheading = "要\\u0007闻"\n'),
        11, "heading", "U+0007",
    ),
    "a line break in a code": (county(codes='"a\\nb"'), 1, "a[U+000A]b", "公共模板"),
    "a raw NUL": (county(column("a", 'unit = "x\x00"')), 8, "控制字符", "重新输入"),
    "a raw line break": (county(column("a", 'unit = "x\ny"')), 8, "引号", "补上引号"),
    "a file of a size that nobody writes": (
        {**county(column("a")), "city.toml": "#" * 300_001}, 1, "文件太大", "选错了文件",
    ),
    "a common column that no kind lists": (
        {**county(column("a")), "common.toml": UNLISTED.replace("static", "weekly")}, 3, "weekly", "realtime",
    ),
    "an unlisted column that lacks a word": (
        {**county(column("a")), "common.toml": UNLISTED.replace('keywords = "x"\n', "")}, 1, "keywords", "keywords =",
    ),
    "an unlisted column below nothing": (
        {**county(column("a")), "common.toml": UNLISTED + 'parent = "zz"\n'}, 7, "zz", "[columns.zz]",
    ),
    "unlisted columns in a circle": (
        {**county(column("a")), "common.toml": UNLISTED + 'parent = "x"\n'}, 7, "x → x", "圈外",
    ),
    "the same rule twice for every column": (
        {**county(column("a")), "common.toml": f"[every]\n{RULE} }}, {RULE[9:]} }}]\n"}, 2, "[every]", "只留一条",
    ),
    "the same rule by name and in full for every column": (
        {
            **county(column("a")),
            "common.toml": f"[rules.given]\n{RULE[10:].replace(', ', chr(10))}\n[every]\n{RULE} }}, \"given\"]\n",
        },
        6, "[every]", "写了两次",
    ),
    "a faulty rule for every column where there is none": (
        {"common.toml": '[every]\nitems = ["nowhere"]\n'}, 2, "nowhere", "可以写的有",
    ),
    "the same rule twice": (county(column("a", f"{RULE} }}, {RULE[9:]} }}]")), 8, "写了两次", "只留一条"),
    "a home block of an unknown column": (
        county(column("a"), end='[[home]]\ntype = "headline"\ncolumn = "zz"\n'), 10, "zz", "可以写的有：a",
    ),
    "an unknown home block": (county(column("a"), end='[[home]]\ntype = "clock"\n'), 9, "clock", "headline"),
    "a home block without its column": (county(column("a"), end='[[home]]\ntype = "services"\n'), 8, "column", "代码"),
    "a bracket left open": ({"county.toml": 'columns = ["a"'}, 1, "", "括号"),
    "a word of no part of the language": ({"common.toml": "[weather]\n", "county.toml": ""}, 1, "weather", "columns"),
    "columns that are no list": (
        {"common.toml": "", "county.toml": 'columns = "a"\n'}, 1, "columns", 'columns = ["dtyw", "tzgg"]',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sources", "line", "named", "cure"), BROKEN.values(), ids=BROKEN)
def test_a_fault_is_named_with_file_line_and_cure(sources: dict[str, str], line: int, named: str, cure: str) -> None:
    found = faults(sources)
    fitting = [one for one in found if named in one and cure in one]
    assert fitting, found
    assert any(f".toml 第 {line} 行：" in one for one in fitting), found


@pytest.mark.parametrize(
    "texts",
    [
        county(column("a"), column("b"), codes='"a", "b"'),
        county(column("a"), column("b", 'parent = "a"').replace("甲b", "甲a"), codes='"a", "b"'),
        county(column("a", 'replaces = ["x"]'), column("b", 'replaces = ["y"]'), codes='"a", "b"'),
        county(
            column("a", "valid_to = 2026-01-01"),
            column("b", 'parent = "a"', "valid_to = 2026-01-01"),
            codes='"a", "b"',
        ),
        county(
            column(
                "a",
                'takes = ["article", "policy_document"]',
                'items = [{field="index_number", check="required", severity="advice"}]',
                'companions = [{companion = "interpretation", within = 3}]',
                "update = { within = 2, warn = 1 }",
            )
        ),
        county(column("a", 'due = { day = "01-31", warn = 30, severity = "warning", basis = "条例" }')),
        county(column("a", 'due = { day = "02-28", warn = 58 }')),
        county(column("a", 'body = ["一", "二", "三"]', 'unit = "办公厅、秘书处"')),
        {**county(column("a")), "common.toml": f'{UNLISTED}parent = "a"\n'},
        {**county(column("a")), "common.toml": f"[every]\n{RULE} }}, {RULE[9:].replace('title', 'body')} }}]\n"},
    ],
    ids=[
        *("other names", "one name on two levels", "one heir each", "ends together", "pages that have the field"),
        *("a day of each year", "the last day of February", "paragraphs one by one"),
        *("a sound column that no kind lists", "rules of other checks for every column"),
    ],
)
def test_the_sound_twin_of_a_fault_is_read(texts: dict[str, str]) -> None:
    assert read_law(texts).of("county").columns


def test_a_parent_left_out_is_told_once_and_without_a_wrong_guess() -> None:
    below = [column(code, 'parent = "x"') for code in ("a", "b", "c")]
    texts = {**county(*below, codes='"a", "b", "c"'), "common.toml": UNLISTED}
    (found,) = faults(texts)
    assert "是不是" not in found
    assert "可以写的有" not in found
    whole = {**texts, "county.toml": texts["county.toml"].replace('["a"', '["x", "a"')}
    assert [one.code for one in read_law(whole).of("county").columns] == ["x", "a", "b", "c"]


def test_columns_that_no_kind_lists_are_named_and_others_are_not() -> None:
    texts = {**county(column("a")), "common.toml": UNLISTED}
    assert read_law(texts).unlisted == (("x", "甲x"),)
    listed = {**texts, "city.toml": 'columns = ["x"]\n'}
    assert read_law(listed).unlisted == ()


def test_all_faults_of_all_files_are_named_at_once() -> None:
    texts = county(column("a", "menu = 3", 'fed_by = "village"'), column("b"))
    texts["city.toml"] = "columns = ["
    found = faults(texts)
    assert len(found) == 4
    assert [one.split(" ")[0] for one in found] == ["city.toml", "county.toml", "county.toml", "county.toml"]


def test_a_fault_of_the_common_base_is_named_once_and_there() -> None:
    common = A.format(code="a").replace("override", "columns").replace("static", "weekly")
    kinds = dict.fromkeys(("county.toml", "city.toml", "province.toml"), 'columns = ["a"]\n')
    (found,) = faults({"common.toml": common, **kinds})
    assert found.startswith("common.toml 第 3 行：")


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
