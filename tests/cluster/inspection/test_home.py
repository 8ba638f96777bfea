"""The home page as it stands: what it shows with dates (R02), where it leads and how many clicks away columns are (R08)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cluster.context import in_site
from cluster.inspection.evaluation import evaluate, evaluate_columns
from cluster.inspection.mirror import mirror_missing
from cluster.inspection.models import ColumnRecord, HomeRecord, InspectionRequest
from cluster.resources import pending
from cluster.subsites.models import Subsite
from cluster.workdays import WorkCalendar
from sites.columns.models import HomePage
from tests.support.inspecting import column, column_of, days_ago, law_of, put_item, rule_of, stand_as, under

pytestmark = pytest.mark.django_db
DTYW, TZGG = {"type": "headline", "column": "dtyw"}, {"type": "column_list", "column": "tzgg"}
LAW = law_of(column("dtyw", "动态要闻"), column("tzgg", "通知公告"), home=(DTYW, TZGG))


def lay_out(site: Subsite, *blocks: dict[str, str]) -> None:
    """Give the site another home page, as an administrator does."""
    with in_site(site), transaction.atomic():
        home = HomePage.objects.get()
        home.blocks = [
            (block["type"], {word: said for word, said in block.items() if word != "type"}) for block in blocks
        ]
        home.save_revision().publish()
        pending.flush()


def home_rule(site: Subsite, day: date | None = None, **asked: Any) -> Any:
    with under(LAW, **asked):
        return rule_of(site, "R02", evaluate([site.code], day))


@pytest.mark.parametrize(
    ("blocks", "ok", "columns"),
    [
        ((DTYW,), False, ["dtyw"]),
        ((DTYW, TZGG), True, ["dtyw", "tzgg"]),
        ((DTYW, {**TZGG, "layout": "tiles"}), False, ["dtyw"]),
        (({"type": "services", "column": "tzgg"},), False, []),
        (({"type": "column_list", "column": "gone"},), True, ["dtyw", "tzgg"]),
        ((), True, ["dtyw", "tzgg"]),
    ],
)
def test_r02_reads_the_page_that_citizens_see(alpha: Subsite, beta: Subsite, blocks: Any, ok: bool, columns: list[str]):
    stand_as(LAW, alpha, beta)
    for site in (alpha, beta):
        put_item(site, "dtyw", 30)
        put_item(site, "tzgg", 1)
    assert home_rule(alpha).evidence["home"] == "模板"
    lay_out(alpha, *blocks)
    found = home_rule(alpha)
    assert (found.ok, found.evidence["columns"], found.evidence["home"]) == (ok, columns, "页面")
    # Whatever A does with its page, B's stays what it was.
    assert home_rule(beta).ok
    assert home_rule(beta).evidence["home"] == "模板"


def test_a_change_ends_one_record_and_begins_the_next(alpha: Subsite, beta: Subsite):
    planted = HomeRecord.objects.get(site=alpha)
    assert {"type": "column_list", "column": "tzgg"} in planted.blocks
    InspectionRequest.objects.all().delete()
    lay_out(alpha, DTYW, {**TZGG, "action": "更多", "action_column": "dtyw"})
    planted.refresh_from_db()
    now = HomeRecord.objects.get(site=alpha, until=None)
    assert planted.until == now.since
    assert now.blocks[1] == {**TZGG, "action": "更多", "action_column": "dtyw"}
    assert alpha.pk in InspectionRequest.objects.values_list("site_id", flat=True)
    lay_out(alpha, DTYW, {**TZGG, "action": "更多", "action_column": "dtyw", "limit": "9"})
    assert HomeRecord.objects.filter(site=alpha).count() == 2
    assert HomeRecord.objects.filter(site=beta).count() == 1


def test_sites_whose_home_nobody_saw_are_looked_at(alpha: Subsite, beta: Subsite):
    HomeRecord.objects.filter(site=alpha).delete()
    ColumnRecord.objects.filter(site=beta).update(in_menu=None)
    assert mirror_missing() == 1
    assert HomeRecord.objects.get(site=alpha).observed_at
    HomeRecord.objects.filter(site=beta).delete()
    assert mirror_missing() == 1
    # What was not watched before is filled in; the column did not change.
    assert ColumnRecord.objects.filter(site=beta, code="tzgg").count() == 1
    assert ColumnRecord.objects.get(site=beta, code="tzgg").in_menu is True


def test_a_day_of_the_past_has_the_page_of_that_day(alpha: Subsite):
    Subsite.objects.update(created_at=days_ago(60))
    ColumnRecord.objects.update(since=days_ago(60))
    HomeRecord.objects.filter(site=alpha).delete()
    HomeRecord.objects.create(site=alpha, page_id=1, blocks=[TZGG], since=days_ago(60), until=days_ago(5))
    HomeRecord.objects.create(site=alpha, page_id=1, blocks=[DTYW], since=days_ago(5))
    put_item(alpha, "tzgg", 30)
    assert home_rule(alpha, timezone.localdate() - timedelta(days=9)).evidence["columns"] == ["tzgg"]
    assert home_rule(alpha).evidence["columns"] == ["dtyw"]


def test_an_end_on_rest_days_moves_on(alpha: Subsite, beta: Subsite):
    stand_as(LAW, alpha, beta)
    today = timezone.localdate()
    near = [today + timedelta(days=number) for number in range(-40, 40)]
    off = {today - timedelta(days=1), today - timedelta(days=2)}
    calendar = WorkCalendar(frozenset(off), frozenset(set(near) - off), date.max)
    put_item(alpha, "dtyw", 16)
    put_item(beta, "dtyw", 17)
    assert home_rule(alpha, calendar=calendar).ok
    assert not home_rule(beta, calendar=calendar).ok


# ---- clicks


DEEP = law_of(
    column("zc", "政策法规"),
    column("zcwj", "政策文件", parent="zc", menu=False),
    column("zfwj", "政府文件", parent="zcwj", menu=False),
    column("zt", "专题", menu=False),
    home=(DTYW,),
)


def clicks(site: Subsite) -> dict[str, int | None]:
    with under(DEEP):
        return {one.law.code: one.clicks for one in evaluate_columns([site.code]).columns[site.pk]}


def test_clicks_are_counted_along_the_ways_of_the_pages(alpha: Subsite, beta: Subsite):
    stand_as(DEEP, alpha, beta)
    assert clicks(alpha) == {"zc": 1, "zcwj": 2, "zfwj": 3, "zt": None}
    lay_out(alpha, {"type": "services", "column": "zcwj"}, {**DTYW, "type": "column_list"})
    assert clicks(alpha) == {"zc": 1, "zcwj": 1, "zfwj": 1, "zt": None}
    lay_out(alpha, {"type": "column_list", "column": "zc", "action": "专题", "action_column": "zt"})
    assert clicks(alpha) == {"zc": 1, "zcwj": 2, "zfwj": 3, "zt": 1}
    # A column that citizens cannot enter leads nowhere.
    ColumnRecord.objects.filter(site=alpha, code="zcwj").update(live=False)
    assert clicks(alpha)["zfwj"] is None
    assert clicks(beta) == {"zc": 1, "zcwj": 2, "zfwj": 3, "zt": None}


def test_r08_counts_columns_out_of_reach(alpha: Subsite, beta: Subsite):
    stand_as(DEEP, alpha, beta)
    lay_out(beta, {"type": "column_list", "column": "zt"})
    with under(DEEP):
        found = evaluate()
    bad, good = (rule_of(site, "R08", found) for site in (alpha, beta))
    assert [line["fault"] for line in bad.evidence["faults"]] == ["从首页没有链接能到达，模板要求最多3次"]
    assert good.ok, good.sentence
    assert column_of(found, alpha, "zt").too_deep is not None
    assert column_of(found, beta, "zfwj").evidence["clicks"] == 3
