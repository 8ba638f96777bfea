"""A plan foresees the columns that another limit would find late at once, as the clock would, by the law of the draft."""

from collections.abc import Iterator
from typing import Any

import pytest

from cluster.column_templates.applying import version_law
from cluster.column_templates.current import current_law, forget
from cluster.column_templates.planning import SitePlan, plan_sites, summary
from cluster.inspection.evaluation import evaluate_columns
from cluster.inspection.models import Clock
from cluster.subsites.models import Subsite
from tests.support.inspecting import put_item
from tests.support.templates import NEW_WORDS, draft
from tests.support.waiving import waive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def planned(*sites: Subsite, kinds: tuple[str, ...] = ("county", "city"), **words: Any) -> list[SitePlan]:
    """Plan a draft in which the notices have other words."""
    number = draft(override={"tzgg": words}, kinds=kinds).number
    return plan_sites(version_law(number), sites, before=current_law())


def codes(plan: SitePlan) -> list[str]:
    return [one.code for one in plan.late]


def test_columns_that_a_shorter_limit_finds_late_are_told(alpha: Subsite, beta: Subsite) -> None:
    put_item(alpha, "tzgg", 9)
    put_item(beta, "tzgg", 2)
    ours, theirs = planned(alpha, beta, update={"within": 5, "warn": 1})
    assert (codes(ours), codes(theirs)) == (["tzgg"], [])
    assert ours.late[0].text.startswith("“通知公告”（tzgg）最近一次首次发布在")
    assert "已超期4天" in ours.late[0].text
    counts = summary([ours, theirs])
    assert (counts["late"], counts["late_sites"]) == (1, 1)
    assert [one["code"] for one in ours.as_json()["late"]] == ["tzgg"]


def test_they_are_those_that_the_clock_finds_by_that_law(alpha: Subsite, beta: Subsite) -> None:
    from cluster.column_templates.applying import apply_version

    for site, ago in ((alpha, 9), (beta, 2)):
        put_item(site, "tzgg", ago)
    number = draft(override={"tzgg": {"update": {"within": 5, "warn": 1}}}).number
    foreseen = {plan.code: codes(plan) for plan in plan_sites(version_law(number), [alpha, beta], before=current_law())}
    before = late_now(alpha, beta)
    assert not apply_version(number).failed
    forget()
    after = late_now(alpha, beta)
    assert foreseen == {code: sorted(after[code] - before[code]) for code in ("alpha", "beta")}


def late_now(*sites: Subsite) -> dict[str, set[str]]:
    found = evaluate_columns([site.code for site in sites])
    return {site.code: {one.law.code for one in found.columns[site.pk] if one.state == Clock.LATE} for site in sites}


def test_what_is_late_already_or_has_a_longer_limit_is_not_news(alpha: Subsite, beta: Subsite) -> None:
    put_item(alpha, "tzgg", 400)
    put_item(beta, "tzgg", 9)
    ours, theirs = planned(alpha, beta, update={"within": 100, "warn": 1})
    assert (codes(ours), codes(theirs)) == ([], [])


def test_the_limit_of_another_kind_is_nothing_to_the_site(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        put_item(site, "tzgg", 9)
    ours, theirs = planned(alpha, beta, kinds=("county",), update={"within": 5, "warn": 1})
    assert (codes(ours), codes(theirs)) == (["tzgg"], [])


def test_dates_no_longer_shown_make_late_as_well(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        put_item(site, "tzgg", 1)
    ours, theirs = planned(alpha, beta, kinds=("county",), shows_dates=False)
    assert (codes(ours), codes(theirs)) == (["tzgg"], [])
    assert "不显示日期" in ours.late[0].text


def test_a_waived_column_is_listed_as_waived_and_not_counted(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        put_item(site, "tzgg", 9)
    waiver = waive(alpha, "tzgg", "tzgg.update")
    ours, theirs = planned(alpha, beta, update={"within": 5, "warn": 1})
    assert (ours.late[0].waived, theirs.late[0].waived) == (waiver.text, "")
    assert ours.late[0].text.endswith(f"已豁免：{waiver.text}")
    assert (summary([ours, theirs])["late"], summary([ours, theirs])["late_sites"]) == (1, 1)


def test_where_no_limit_differs_nothing_is_read(alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch) -> None:
    from cluster.inspection import foreseeing

    monkeypatch.setattr(foreseeing, "read_facts", lambda *asked: pytest.fail("nothing to judge"))
    number = draft(add={"xslm": NEW_WORDS}).number
    assert all(not plan.late for plan in plan_sites(version_law(number), [alpha, beta], before=current_law()))
