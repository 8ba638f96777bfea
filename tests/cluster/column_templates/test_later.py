"""A plan foresees what begins or ends on a day to come: rules with the items that break them, columns with their steps."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from cluster.column_templates.applying import apply_version, version_law
from cluster.column_templates.breaking import Breach
from cluster.column_templates.current import current_law, forget
from cluster.column_templates.planning import SitePlan, plan_sites, summary
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.cluster.column_templates.test_applying import plan_of
from tests.cluster.column_templates.test_breaking import enter
from tests.support.columns import own_column
from tests.support.templates import NEW_WORDS, draft
from tests.support.waiving import waive

RULE = {"field": "summary", "check": "required", "severity": "refusal"}


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Iterator[None]:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def in_days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def planned(number: int, *sites: Subsite, day: date | None = None) -> list[SitePlan]:
    return plan_sites(version_law(number), sites, before=current_law(), day=day)


def told(breaches: tuple[Breach, ...]) -> list[tuple[str, int, str]]:
    """Return rule, number and day of what nobody waived."""
    return [(one.rule, one.items, one.since) for one in breaches if not one.waived]


def steps_on(plan: SitePlan) -> list[tuple[date, list[tuple[str, str]]]]:
    """Return the days to come, each with its actions by code."""
    return [(later.day, [(step.action.value, step.code) for step in later.steps]) for later in plan.later]


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("column_templates", *arguments, stdout=out)
    return out.getvalue()


def lacking(*sites: Subsite, column: str = "tzgg") -> None:
    """Enter two items without a summary and one with it."""
    for site in sites:
        for number, summary_ in ((901, ""), (902, ""), (903, "普查")):
            enter(site, number, column_code=column, summary=summary_, page_type="content.ArticlePage")


def test_a_rule_that_begins_later_is_counted_and_told_as_from_its_day(alpha: Subsite, beta: Subsite) -> None:
    lacking(alpha)
    enter(beta, 901, column_code="tzgg")
    day = in_days(10)
    number = draft(override={"tzgg": {"items": [{**RULE, "valid_from": day}]}}).number
    ours, theirs = planned(number, alpha, beta)
    assert told(ours.breaches) == [("tzgg.summary.required", 2, day.isoformat())]
    assert ours.breaches[0].text == f"自 {day} 起，新规则“必须填写摘要”（tzgg.summary.required，拒绝）：2 条信息不符合"
    assert told(theirs.breaches) == []
    counts = summary([ours, theirs])
    assert (counts["breaches"], counts["breaches_later"]) == (0, 2)
    assert plan_of(alpha, number)["breaches"][0]["since"] == day.isoformat()
    assert f"自 {day} 起，新规则“必须填写摘要”" in printed("plan", "--site", "alpha")
    assert "今后才不符合的 2 条" in printed("plan")


def test_the_same_rule_without_a_day_is_counted_at_once(alpha: Subsite, beta: Subsite) -> None:
    lacking(alpha)
    number = draft(override={"tzgg": {"items": [{**RULE, "valid_from": in_days(0)}]}}).number
    ours, theirs = planned(number, alpha, beta)
    assert told(ours.breaches) == [("tzgg.summary.required", 2, "")]
    assert "自 " not in ours.breaches[0].text
    assert theirs.breaches == ()


def test_what_the_version_before_asks_on_that_day_is_not_new(alpha: Subsite, beta: Subsite) -> None:
    """Announced once, it is not told again; brought forward, it is told as from the earlier day."""
    lacking(alpha, beta)
    announced = draft(override={"tzgg": {"items": [{**RULE, "valid_from": in_days(10)}]}}).number
    assert not apply_version(announced).failed
    number = draft(override={"tzgg": {"keywords": "通知"}}).number
    assert [told(plan.breaches) for plan in planned(number, alpha, beta)] == [[], []]
    number = draft(override={"tzgg": {"items": [{**RULE, "valid_from": in_days(5)}]}}, kinds=("county",)).number
    ours, theirs = planned(number, alpha, beta)
    assert told(ours.breaches) == [("tzgg.summary.required", 2, in_days(5).isoformat())]
    assert told(theirs.breaches) == []


@pytest.mark.parametrize(("days", "waived"), [(30, True), (10, True), (9, False)])
def test_a_waiver_counts_as_far_as_its_last_day(alpha: Subsite, beta: Subsite, days: int, waived: bool) -> None:
    lacking(alpha, beta)
    waive(alpha, "tzgg", "tzgg.summary.required", days=days)
    number = draft(override={"tzgg": {"items": [{**RULE, "valid_from": in_days(10)}]}}).number
    ours, theirs = planned(number, alpha, beta)
    assert [(one.items, bool(one.waived)) for one in ours.breaches] == [(2, waived)]
    assert [(one.items, bool(one.waived)) for one in theirs.breaches] == [(2, False)]


def test_a_rule_of_a_column_that_begins_later_waits_for_the_column(alpha: Subsite, beta: Subsite) -> None:
    """The site has such a column of its own, which is taken over on the day; until then it obeys the one above."""
    own_column(alpha, "xslm", "新设栏目", under="gk")
    lacking(alpha, column="xslm")
    day = in_days(10)
    words = {**NEW_WORDS, "parent": "gk", "valid_from": day, "items": [RULE]}
    number = draft(add={"xslm": words}).number
    ours, theirs = planned(number, alpha, beta)
    assert (ours.is_in_step, theirs.is_in_step) == (True, True)
    assert steps_on(ours) == [(day, [("take_over", "xslm"), ("reword", "xslm")])]
    assert "由模板接管" in ours.later[0].conflicts[0]
    assert steps_on(theirs) == [(day, [("plant", "xslm")])]
    assert told(ours.breaches) == [("xslm.summary.required", 2, day.isoformat())]
    assert theirs.breaches == ()


def test_kinds_that_a_column_takes_no_more_from_a_later_day_are_counted(alpha: Subsite, beta: Subsite) -> None:
    """Given up now and back on the day: in between it is the site's own and takes all."""
    day = in_days(10)
    for site, page_type in ((alpha, "content.ArticlePage"), (beta, "content.PolicyDocumentPage")):
        enter(site, 901, column_code="zfwj", page_type=page_type)
    number = draft(override={"zfwj": {"takes": ["policy_document"], "valid_from": day}}).number
    ours, theirs = planned(number, alpha, beta)
    assert ("zfwj.takes", 1, day.isoformat()) in told(ours.breaches)
    assert "zfwj.takes" not in {one.rule for one in theirs.breaches}


def test_what_is_foreseen_for_a_day_is_what_that_day_brings(alpha: Subsite, beta: Subsite) -> None:
    """A column begins in ten days and ends in twenty; only the county has it, and nothing is planted before."""
    first, last = in_days(10), in_days(19)
    words = {**NEW_WORDS, "parent": "gk", "valid_from": first, "valid_to": last}
    number = draft(add={"xslm": words}, kinds=("county",)).number
    ours, theirs = planned(number, alpha, beta)
    after = last + timedelta(days=1)
    assert steps_on(ours) == [(first, [("plant", "xslm")]), (after, [("retire", "xslm")])]
    assert theirs.later == ()
    told_json = plan_of(alpha, number)["later"]
    assert [(one["day"], one["steps"][0]["action"]) for one in told_json] == [
        (first.isoformat(), "plant"),
        (after.isoformat(), "retire"),
    ]
    assert f"自 {first} 起，新植“新设栏目”（xslm）：放在“" in printed("plan", "--site", "alpha")
    assert summary([ours])["later"] == 2
    assert apply_version(number).done == {}
    with in_site(alpha):
        assert not ColumnPage.objects.filter(code="xslm").exists()
    (on_the_day,) = planned(number, alpha, day=first)
    assert [(step.action.value, step.code) for step in on_the_day.comparison.steps if step.code == "xslm"] == [
        ("plant", "xslm")
    ]


def test_items_of_a_column_that_ends_later_come_under_the_rules_above(alpha: Subsite, beta: Subsite) -> None:
    lacking(alpha, column="zfjg")
    enter(beta, 901, column_code="zfjg", page_type="content.ArticlePage")
    last = in_days(9)
    own: dict[str, Any] = {"gk": {"items": [RULE]}, "zfjg": {"valid_to": last}}
    number = draft(override=own).number
    ours, theirs = planned(number, alpha, beta)
    day = (last + timedelta(days=1)).isoformat()
    (shifted,) = [one for one in ours.breaches if one.shift]
    assert (shifted.rule, shifted.items, shifted.since, shifted.shift) == ("gk.summary.required", 2, day, "retire")
    assert shifted.text.startswith(
        f"自 {day} 起，转为自设后适用的规则“必须填写摘要”（gk.summary.required，拒绝）：2 条"
    )
    assert [one for one in theirs.breaches if one.shift] == []
    assert [step.code for later in theirs.later for step in later.steps] == ["zfjg"]


def test_the_check_of_the_night_tells_of_nothing_to_come(alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": {**NEW_WORDS, "valid_from": in_days(10)}}).number
    assert not apply_version(number).failed
    call_command("check_columns")
    assert all(plan.later == () for plan in plan_sites(version_law(number), [alpha, beta]))
