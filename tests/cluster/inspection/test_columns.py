"""The state of a column: real first publications, limits, sub-columns, feeders, waivers; and the same for days of the past."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cluster.column_templates.models import Waiver
from cluster.column_templates.standing import standing_waivers
from cluster.context import in_site
from cluster.inspection.evaluation import evaluate, evaluate_columns
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.models import Clock, ColumnDuty, ColumnRecord
from cluster.inspection.moment import DayRefused
from cluster.resources import pending
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from cluster.workdays import WorkCalendar
from tests.support.articles import publish_article
from tests.support.inspecting import column, column_of, law_of, put_item, under

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", within=10, warn=3), column("dtyw", "动态要闻", within=10, unit="workdays"))


def state_of(site: Subsite, code: str = "tzgg", day: date | None = None) -> ColumnVerdict:
    with under(LAW):
        return column_of(evaluate_columns([site.code], day), site, code)


@pytest.mark.parametrize(
    ("ago", "state"),
    [(0, Clock.NORMAL), (6, Clock.NORMAL), (7, Clock.SOON), (10, Clock.SOON), (11, Clock.LATE), (400, Clock.LATE)],
)
def test_the_state_follows_the_last_first_publication(alpha: Subsite, beta: Subsite, ago: int, state: Clock):
    put_item(alpha, "tzgg", ago)
    put_item(alpha, "tzgg", 500)
    found = state_of(alpha)
    assert (found.state, found.items.count) == (state, 2)
    assert found.last_on == timezone.localdate() - timedelta(days=ago)
    assert found.due is not None
    assert found.days_left == (found.due.day - timezone.localdate()).days
    assert state_of(beta).state == Clock.BLANK


def test_a_limit_in_working_days_and_one_that_ends_on_a_rest_day(alpha: Subsite):
    today = timezone.localdate()
    weekend = {today - timedelta(days=number) for number in range(1, 5)} | {today + timedelta(days=2)}
    calendar = WorkCalendar(frozenset(weekend), frozenset(set(_days(today)) - weekend), date.max)
    for code in ("dtyw", "tzgg"):
        put_item(alpha, code, 8)
    with under(LAW, calendar):
        found = evaluate_columns(["alpha"])
    # Ten working days after the eighth day before today: four of the days between are off, and the day after tomorrow.
    assert column_of(found, alpha, "dtyw").days_left == 7
    assert column_of(found, alpha, "tzgg").days_left == 3


def _days(today: date) -> list[date]:
    return [today + timedelta(days=number) for number in range(-30, 30)]


def test_editing_or_redating_an_old_item_refreshes_nothing(alpha: Subsite):
    old = timezone.now() - timedelta(days=40)
    page = publish_article(alpha, "旧通知", column="tzgg", first_published_at=old, published_at=old)
    with in_site(alpha), transaction.atomic():
        page.title, page.published_at = "改过的旧通知", timezone.now()
        page.save_revision().publish()
        pending.flush()
    with in_site(alpha), transaction.atomic():
        page.first_published_at = timezone.now()
        page.save()
        pending.flush()
    Resource.objects.filter(site=alpha, page_id=page.pk).update(first_published_at=timezone.now())
    found = state_of(alpha)
    assert found.items.title == "改过的旧通知"
    assert found.last_on == timezone.localdate(old)
    assert found.state == Clock.LATE
    publish_article(alpha, "新通知", column="tzgg")
    with in_site(alpha):
        pending.flush()
    assert state_of(alpha).state == Clock.NORMAL


def test_nobody_publishes_in_the_future(alpha: Subsite):
    row = put_item(alpha, "tzgg", first_published_at=timezone.now() + timedelta(days=300))
    row.refresh_from_db()
    assert row.first_published_at <= timezone.now()


def test_withdrawing_and_publishing_again_refreshes_nothing(alpha: Subsite):
    row = put_item(alpha, "tzgg", 30)
    Resource.objects.filter(pk=row.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    assert state_of(alpha).state == Clock.BLANK
    Resource.objects.filter(pk=row.pk).update(state="published", withdrawn_at=None)
    assert state_of(alpha).state == Clock.LATE


def test_sub_columns_count_for_their_parent(alpha: Subsite, beta: Subsite):
    law = law_of(column("zc", "政策法规", within=20), column("zcwj", "政策文件", within=20))
    put_item(alpha, "zcwj", 5)
    put_item(beta, "zcjd", 6)
    with under(law):
        found = evaluate_columns()
    assert column_of(found, alpha, "zc").items.count == 1
    assert column_of(found, alpha, "zc").last_on == timezone.localdate() - timedelta(days=5)
    assert column_of(found, beta, "zc").state == Clock.NORMAL
    assert column_of(found, beta, "zcwj").state == Clock.BLANK


def test_a_fed_column_counts_what_feeds_it(alpha: Subsite, beta: Subsite):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    ColumnRecord.objects.filter(site=beta, code="tzgg", until=None).update(fed_by="county")
    put_item(alpha, "dtyw", 2)
    put_item(alpha, "tzgg", 1)
    found = state_of(beta)
    assert (found.items.count, found.state) == (1, Clock.NORMAL)
    assert found.items.site_id == alpha.pk
    Subsite.objects.filter(pk=alpha.pk).update(state="suspended")
    assert state_of(beta).state == Clock.BLANK


def test_a_column_that_shows_no_dates_counts_as_not_updated(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        put_item(site, "tzgg", 0)
    ColumnRecord.objects.filter(site=alpha, code="tzgg", until=None).update(shows_dates=False)
    assert state_of(alpha).state == Clock.LATE
    assert "不显示日期" in state_of(alpha).sentence
    assert state_of(beta).state == Clock.NORMAL


@pytest.mark.parametrize("change", [{"live": False}, {"restricted": True}])
def test_a_column_that_citizens_cannot_read_is_down(alpha: Subsite, change: dict[str, bool]):
    put_item(alpha, "tzgg")
    ColumnRecord.objects.filter(site=alpha, code="tzgg", until=None).update(**change)
    assert state_of(alpha).state == Clock.DOWN


def test_a_missing_column_is_blank_and_says_so(alpha: Subsite):
    ColumnRecord.objects.filter(site=alpha, code="tzgg").delete()
    found = state_of(alpha)
    assert (found.state, found.is_missing) == (Clock.BLANK, True)
    assert "没有“通知公告”这个栏目" in found.sentence


def test_a_suspended_site_is_down_and_a_closed_one_is_not_looked_at(alpha: Subsite, beta: Subsite):
    Subsite.objects.filter(pk=alpha.pk).update(state="suspended")
    Subsite.objects.filter(pk=beta.pk).update(state="closed")
    with under(LAW):
        found = evaluate_columns()
    assert {one.state for one in found.columns[alpha.pk]} == {Clock.DOWN}
    assert beta.pk not in found.columns


def test_a_static_column_lives_by_its_text(alpha: Subsite):
    law = law_of(column("xxgkzn", "指南", column_class="static"), column("xxgkzd", "制度", column_class="static"))
    with under(law):
        found = evaluate_columns(["alpha"])
    assert column_of(found, alpha, "xxgkzn").state == Clock.NORMAL
    assert column_of(found, alpha, "xxgkzd").state == Clock.BLANK


def test_the_text_of_a_static_column_ages_until_it_is_rewritten(alpha: Subsite, beta: Subsite):
    law = law_of(column("xxgkzn", "指南", column_class="static", within=365, shows_dates=False))
    long_ago = timezone.now() - timedelta(days=400)
    ColumnRecord.objects.filter(code="xxgkzn").update(since=long_ago)
    renamed = ColumnRecord.objects.get(site=beta, code="xxgkzn")
    # Of two texts one was rewritten, of the other only the name.
    for site, changes in ((alpha, {"body_digest": "f" * 32}), (beta, {"name": "指南（新）"})):
        old = ColumnRecord.objects.get(site=site, code="xxgkzn")
        ColumnRecord.objects.filter(pk=old.pk).update(until=timezone.now() - timedelta(days=9))
        old.pk, old.since = None, timezone.now() - timedelta(days=9)
        for name, value in changes.items():
            setattr(old, name, value)
        old.save(force_insert=True)
    with under(law):
        found = evaluate_columns()
    assert column_of(found, alpha, "xxgkzn").state == Clock.NORMAL
    assert column_of(found, alpha, "xxgkzn").last_on == timezone.localdate() - timedelta(days=9)
    assert column_of(found, beta, "xxgkzn").state == Clock.LATE
    assert column_of(found, beta, "xxgkzn").last_on == timezone.localdate(renamed.since)


def test_waivers_show_and_belong_to_one_site(alpha: Subsite, beta: Subsite):
    waiver = Waiver(
        site=alpha, column_code="tzgg", reason="整合中", state="granted", signer={"name": "王敏"},
        decided_at=timezone.now(), expires_on=timezone.localdate(),
    )  # fmt: skip
    waiver.save()
    assert state_of(alpha).waived
    assert state_of(alpha).state == Clock.BLANK
    assert not state_of(beta).waived
    assert not state_of(alpha, "dtyw").waived
    Waiver.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    assert not state_of(alpha).waived


def test_the_officer_is_named(alpha: Subsite, beta: Subsite):
    ColumnDuty.objects.create(site=alpha, column_code="tzgg", unit="府办信息科", officer_name="张三")
    assert state_of(alpha).duty is not None
    assert state_of(beta).duty is None


def test_what_the_law_does_not_ask_for_is_not_judged(alpha: Subsite):
    today = timezone.localdate()
    law = law_of(
        column("tzgg", "通知公告", mandatory=False),
        column("dtyw", "动态要闻", valid_to=today - timedelta(days=1)),
        column("zc", "政策法规", valid_from=today),
    )
    with under(law):
        assert [one.law.code for one in evaluate_columns(["alpha"]).columns[alpha.pk]] == ["zc"]


# ---- days of the past


def test_today_replayed_from_the_ledger_says_the_same(alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch):
    from cluster.inspection import facts

    for number, code in enumerate(("tzgg", "dtyw", "zcwj", "tzgg")):
        put_item(alpha, code, number * 6)
    gone = put_item(beta, "tzgg", 1)
    Resource.objects.filter(pk=gone.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    moved = put_item(beta, "dtyw", 3)
    Resource.objects.filter(pk=moved.pk).update(column_code="tzgg", content_hash="0" * 64)
    with under(LAW):
        now = evaluate()
        monkeypatch.setattr(facts, "ITEMS_NOW", facts.ITEMS_THEN)
        then = evaluate()
    assert column_of(now, beta, "tzgg").items.count == 1
    for site in (alpha, beta):
        assert [(one.state, one.items, one.due) for one in now.columns[site.pk]] == [
            (one.state, one.items, one.due) for one in then.columns[site.pk]
        ]


def test_a_day_before_the_publication_knows_nothing_of_it(alpha: Subsite):
    Subsite.objects.filter(pk=alpha.pk).update(created_at=timezone.now() - timedelta(days=90))
    ColumnRecord.objects.filter(site=alpha).update(since=timezone.now() - timedelta(days=80))
    put_item(alpha, "tzgg", 3)
    yesterday = timezone.localdate() - timedelta(days=1)
    assert state_of(alpha).state == Clock.NORMAL
    assert state_of(alpha, day=yesterday).state == Clock.BLANK
    found = state_of(alpha, day=timezone.localdate() - timedelta(days=85))
    assert found.is_missing


def test_a_day_before_the_site_has_no_verdict_and_one_to_come_is_refused(alpha: Subsite):
    with under(LAW):
        assert alpha.pk not in evaluate_columns(day=date(2020, 1, 1)).columns
        with pytest.raises(DayRefused, match="还没有到"):
            evaluate_columns(day=timezone.localdate() + timedelta(days=1))


def test_the_state_of_a_site_is_replayed(alpha: Subsite):
    Subsite.objects.filter(pk=alpha.pk).update(
        created_at=timezone.now() - timedelta(days=90), state="suspended", state_reason="升级"
    )
    ColumnRecord.objects.filter(site=alpha).update(since=timezone.now() - timedelta(days=80))
    assert state_of(alpha).state == Clock.DOWN
    assert state_of(alpha, day=timezone.localdate() - timedelta(days=2)).state == Clock.BLANK


def test_a_waiver_that_has_ended_counts_for_the_time_it_stood(alpha: Subsite, beta: Subsite):
    waiver = Waiver.objects.create(
        site=alpha, column_code="tzgg", reason="整合中", state="granted", signer={"name": "王敏"},
        decided_at=timezone.now(), expires_on=timezone.localdate(),
    )  # fmt: skip
    _tell(waiver, "waiver_granted")
    while_it_stood = timezone.now()
    Waiver.objects.filter(pk=waiver.pk).update(state="ended", decided_at=timezone.now(), signer={"name": "处长"})
    _tell(waiver, "waiver_ended")
    sites = [alpha.pk, beta.pk]
    then = standing_waivers(sites, while_it_stood)
    assert list(then) == [alpha.pk]
    assert then[alpha.pk].of("tzgg", "tzgg.update").signer == "王敏"
    assert standing_waivers(sites) == {}


def _tell(waiver: Waiver, action: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.qz_write_ledger('alpha', %s, 'waiver', %s, 'tzgg', NULL, '', '{}')", [action, str(waiver.pk)]
        )
