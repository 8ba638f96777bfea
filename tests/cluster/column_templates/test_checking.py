"""The checks of the rule language: each with what it refuses beside what it lets pass, in words an editor understands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest

from cluster.column_templates.checking import Context, Verdict, check_item
from cluster.column_templates.law import ColumnLaw, CompanionRule, ItemRule
from cluster.column_templates.vocabulary import Check, Companion, ItemField, Severity
from tests.support.waiving import standing

TODAY = date(2026, 11, 23)


def rule(field: str, check: str, argument: Any = None, severity: str = "refusal", **more: Any) -> ItemRule:
    return ItemRule(f"zcwj.{field}.{check}", field, check, severity, argument, "条例第十二条", **more)


def column(*rules: ItemRule, companions: tuple[CompanionRule, ...] = ()) -> ColumnLaw:
    return ColumnLaw("zcwj", "政策文件", "realtime", "政策文件", "说明", "关键词", items=rules, companions=companions)


def calendar(start: date, count: int, unit: str) -> date:
    return start + timedelta(days=count)


def judge(one: ItemRule, facts: dict[str, Any], context: Context | None = None) -> Verdict:
    (verdict,) = check_item(column(one), facts, TODAY, context)
    return verdict


CASES = [
    # field, check, argument, refused, allowed, a word of the sentence or cure
    ("source", "required", None, "  ", "省政府", "没有填写“来源”"),
    ("document_number", "required", None, (), ("黑政发〔2026〕5号",), "没有填写“发文字号”"),
    ("document_number", "document_number", None, ("黑政发[2026]第05号",), ("黑政发〔2026〕5号",), "六角括号"),
    ("document_kind", "document_kind", None, "公示", "通知", "十五种"),
    ("index_number", "index_number", None, "2026-1", "11440000006940300K/2026-00001", "五位序号"),
    ("title", "at_least", 5, "短题", "五个字以上", "少于5字"),
    ("title", "at_most", 5, "太长的标题了", "五个字了吧", "超过5字"),
    ("validity", "one_of", ("有效", "废止"), "大概有效", "有效", "从这几种中选"),
    ("written_on", "not_after", "published_at", date(2026, 11, 24), date(2026, 11, 23), "晚于发布时间"),
    ("image", "alternative_text", None, ("会场", ""), ("会场", "合影"), "没有替代文字"),
]


@pytest.mark.parametrize(("field", "check", "argument", "bad", "good", "word"), CASES)
def test_each_check_refuses_and_allows(field: str, check: str, argument: Any, bad: Any, good: Any, word: str) -> None:
    one = rule(field, check, argument)
    refused, allowed = judge(one, {"published_at": None, field: bad}), judge(one, {"published_at": None, field: good})
    assert refused.stops
    assert word in refused.text
    assert allowed.ok
    assert not allowed.stops
    # What the editor reads names the rule, its basis and the cure.
    assert one.id in refused.text
    assert "条例第十二条" in refused.text
    assert refused.cure


def test_every_check_of_the_language_is_tried() -> None:
    tried = {case[1] for case in CASES} | {"within_workdays_of"}
    assert tried == set(Check.values)


def test_an_empty_value_passes_what_does_not_ask_for_one() -> None:
    for check, argument in (("document_number", None), ("at_most", 5), ("one_of", ("甲",)), ("document_kind", None)):
        assert judge(rule("title", check, argument), {"title": ""}).ok


@pytest.mark.parametrize(
    ("field", "nothing", "enough", "said"),
    [
        ("attachment", (), (7,), "没有“附件”，至少要1个。"),
        ("image", (), ("会场",), "没有“图片”，至少要1个。"),
        ("title", " ", "题", "没有“标题”，至少要1字。"),
    ],
)
def test_nothing_is_fewer_than_one(field: str, nothing: Any, enough: Any, said: str) -> None:
    one = rule(field, "at_least", 1)
    refused = judge(one, {field: nothing})
    assert (refused.stops, refused.sentence) == (True, said)
    assert judge(one, {field: enough}).ok


def test_a_limit_in_working_days_is_counted_by_the_calendar() -> None:
    one = rule("published_at", "within_workdays_of", ("written_on", 20))
    late = {"published_at": datetime(2026, 11, 22, 16, 30, tzinfo=UTC), "written_on": date(2026, 11, 2)}
    assert judge(one, late, Context(last_day=calendar)).stops  # 00:30 of the 23rd in China: one day too late
    on_time = late | {"published_at": datetime(2026, 11, 22, 15, 30, tzinfo=UTC)}
    assert judge(one, on_time, Context(last_day=calendar)).ok
    assert judge(one, late).ok, "no calendar, no date in the law's sense"
    assert judge(one, {"published_at": None, "written_on": date(2026, 11, 2)}, Context(last_day=calendar)).stops


def test_an_index_number_that_another_has_is_refused() -> None:
    one, facts = rule("index_number", "index_number"), {"index_number": "000014349/2026-00001"}
    assert "已被另一份文件使用" in judge(one, facts, Context(index_number_taken=True)).text
    assert judge(one, facts).ok


def test_a_page_without_the_field_cannot_carry_it() -> None:
    assert "没有这一项" in judge(rule("index_number", "required"), {"title": "新闻"}).text
    assert judge(rule("index_number", "at_least", 3), {"title": "新闻"}).ok


def test_rules_hold_from_their_first_to_their_last_day() -> None:
    for first, last, count in (
        (None, None, 1),
        (TODAY, TODAY, 1),
        (TODAY + timedelta(days=1), None, 0),
        (None, TODAY - timedelta(days=1), 0),
    ):
        one = rule("source", "required", valid_from=first, valid_to=last)
        assert len(check_item(column(one), {"source": ""}, TODAY)) == count


def test_waivers_are_shown_and_stop_nothing() -> None:
    one, facts = rule("source", "required"), {"source": ""}
    for waiver in (("zcwj", one.id), ("zcwj", ""), ("", one.id)):
        verdict = judge(one, facts, Context(waivers=standing(*waiver)))
        assert (verdict.ok, verdict.waived, verdict.stops) == (False, True, False)
        assert "王敏批准豁免，至2026-12-31有效，理由：整合中" in verdict.text
    for other in (("tzgg", ""), ("zcwj", "zcwj.title.required")):
        verdict = judge(one, facts, Context(waivers=standing(*other)))
        assert verdict.stops
        assert "豁免" not in verdict.text


@pytest.mark.parametrize(
    ("severity", "stops", "warns"),
    [("advice", False, False), ("warning", False, True), ("refusal", True, False), ("veto", True, False)],
)
def test_severities(severity: str, stops: bool, warns: bool) -> None:
    verdict = judge(rule("source", "required", severity=severity), {"source": ""})
    assert (verdict.stops, verdict.warns) == (stops, warns)


def test_the_words_of_the_template_come_before_ours() -> None:
    verdict = judge(rule("source", "required", message="转载的信息要写明来源。"), {"source": ""})
    assert verdict.sentence == "转载的信息要写明来源。"


def test_a_companion_that_must_be_there_and_one_that_may_come_later() -> None:
    now = CompanionRule("zcjd.document.companion", Companion.DOCUMENT.value, 0, "days", "refusal")
    later = CompanionRule("zcwj.interpretation.companion", Companion.INTERPRETATION.value, 3, "workdays", "refusal")
    law = column(companions=(now, later))
    alone = check_item(law, {"published_at": None}, TODAY, Context(last_day=calendar))
    assert [verdict.stops for verdict in alone] == [True, False]
    assert "2026-11-26" in alone[1].sentence
    both = frozenset({Companion.DOCUMENT.value, Companion.INTERPRETATION.value})
    assert all(verdict.ok for verdict in check_item(law, {"published_at": None}, TODAY, Context(companions=both)))
    old = datetime(2026, 1, 1, tzinfo=UTC)
    (_, overdue) = check_item(law, {"published_at": old}, TODAY, Context(last_day=calendar))
    assert (overdue.ok, overdue.severity) == (False, Severity.ADVICE), (
        "the clock reports it; an old item stays editable"
    )


def test_a_batch_costs_little() -> None:
    """20 rules, 2000 items: far below the 3 ms an item that a batch may cost."""
    rules = [rule(case[0], case[1], case[2]) for case in CASES]
    law = column(*rules, *(replace(one, id=one.id + ".again") for one in rules))
    facts = {case[0]: case[4] for case in CASES} | {"published_at": None}
    check_item(law, facts, TODAY)
    began = perf_counter()
    for _ in range(2000):
        check_item(law, facts, TODAY)
    assert (perf_counter() - began) / 2000 < 0.001


def test_every_field_has_a_name_for_people() -> None:
    for field in ItemField.values:
        assert judge(rule(field, "required"), {field: ""}).sentence.count(str(ItemField(field).label)) == 1
