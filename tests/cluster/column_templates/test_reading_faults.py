"""The reader: every fault is named with file, line and cure, all at once; the words of the language are closed."""

import pytest

from cluster.column_templates.reading import read_law
from tests.support.law_texts import RULE, UNLISTED, A, column, county, faults

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
