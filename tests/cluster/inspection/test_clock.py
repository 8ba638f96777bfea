"""The worker's clock: states in step after each publication and at midnight, notices once an episode, mail at most once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from cluster.inspection import notices
from cluster.inspection.clock import ask_inspection, inspection_clock, look_at_all
from cluster.inspection.models import Clock, ColumnDuty, ColumnState, DutyNotice, InspectionRequest, InspectionRun
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, law_of, put_item, under
from tests.support.waiving import waive
from tests.support.working import work_until_idle

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", within=10, warn=3))


@pytest.fixture(autouse=True)
def _law():
    InspectionRequest.objects.all().delete()
    with under(LAW):
        yield


@pytest.fixture
def officers(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        ColumnDuty.objects.create(
            site=site,
            column_code="tzgg",
            officer_name=f"{site.code}的责任人",
            officer_email=f"officer@{site.code}.example",
            reviewer_email=f"reviewer@{site.code}.example",
        )


def state_of(site: Subsite) -> ColumnState:
    return ColumnState.objects.get(site=site, column_code="tzgg")


def idle() -> None:
    work_until_idle(inspection_clock)


def test_once_a_day_everything_is_looked_at(alpha: Subsite, beta: Subsite):
    put_item(alpha, "tzgg")
    idle()
    assert (state_of(alpha).state, state_of(beta).state) == (Clock.NORMAL, Clock.BLANK)
    run = InspectionRun.objects.get()
    assert (run.day, run.sites, run.columns, run.alarms) == (timezone.localdate(), 2, 2, 1)
    before = run.finished_at
    idle()
    run.refresh_from_db()
    assert run.finished_at == before
    InspectionRun.objects.update(day=timezone.localdate() - timedelta(days=1))
    idle()
    assert InspectionRun.objects.count() == 2


def test_after_a_publication_that_site_is_looked_at_again(alpha: Subsite, beta: Subsite):
    idle()
    seen = state_of(beta).evaluated_at
    row = put_item(alpha, "tzgg")
    idle()
    assert state_of(alpha).state == Clock.NORMAL
    assert state_of(beta).evaluated_at == seen
    Resource.objects.filter(pk=row.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    idle()
    assert state_of(alpha).state == Clock.BLANK
    assert not InspectionRequest.objects.exists()


def test_a_request_for_all_looks_at_all(alpha: Subsite, beta: Subsite):
    idle()
    seen = state_of(beta).evaluated_at
    ask_inspection()
    idle()
    assert state_of(beta).evaluated_at > seen


@pytest.mark.usefixtures("officers")
def test_an_officer_is_told_once_an_episode(alpha: Subsite, beta: Subsite):
    put_item(alpha, "tzgg", 30)
    put_item(beta, "tzgg")
    idle()
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["officer@alpha.example"], "【栏目更新提醒】1个栏目")
    ]
    assert "通知公告：超期" in mail.outbox[0].body
    assert "乙市" not in mail.outbox[0].body
    look_at_all()
    idle()
    assert (len(mail.outbox), DutyNotice.objects.count()) == (1, 1)


@pytest.mark.usefixtures("officers")
def test_a_new_publication_closes_the_notice_and_the_next_delay_is_a_new_one(alpha: Subsite, beta: Subsite):
    put_item(beta, "tzgg")
    put_item(alpha, "tzgg", 30)
    idle()
    put_item(alpha, "tzgg", 20)
    idle()
    assert DutyNotice.objects.exclude(resolved_at=None).count() == 1
    assert len(mail.outbox) == 2
    put_item(alpha, "tzgg")
    idle()
    assert not notices.open_notices().exists()


@pytest.mark.usefixtures("officers")
def test_the_supervisor_hears_of_what_is_ignored_once(alpha: Subsite, beta: Subsite):
    put_item(alpha, "tzgg", 30)
    put_item(beta, "tzgg", 8)  # soon, not late: nothing for a supervisor
    idle()
    mail.outbox.clear()
    with override_settings(INSPECTION_ESCALATION_DAYS=7):
        idle()
        assert mail.outbox == []
        DutyNotice.objects.update(created_at=timezone.now() - timedelta(days=8))
        idle()
        idle()
    assert [letter.to for letter in mail.outbox] == [["reviewer@alpha.example"]]
    assert DutyNotice.objects.exclude(escalated_at=None).count() == 1


def test_without_an_officer_the_sites_mailbox_is_told(alpha: Subsite, beta: Subsite):
    Subsite.objects.filter(pk=alpha.pk).update(email="site@alpha.example")
    idle()
    assert [letter.to for letter in mail.outbox] == [["site@alpha.example"]]
    assert DutyNotice.objects.filter(site=beta, mailed_at=None).count() == 1


@pytest.mark.usefixtures("officers")
def test_a_waived_column_is_not_told(alpha: Subsite, beta: Subsite):
    waive(alpha, "tzgg", days=0)
    idle()
    assert [letter.to for letter in mail.outbox] == [["officer@beta.example"]]
    assert state_of(alpha).waived


def test_many_columns_of_an_officer_are_one_letter(alpha: Subsite, beta: Subsite):
    Subsite.objects.filter(pk=alpha.pk).update(email="site@alpha.example")
    with under(law_of(column("tzgg", "通知公告"), column("dtyw", "动态要闻"))):
        idle()
    assert [letter.subject for letter in mail.outbox] == ["【栏目更新提醒】2个栏目"]
