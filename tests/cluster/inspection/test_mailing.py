"""Letters of the clock: whom they reach, through which backends, and what a mail server that fails costs; two sites."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client, override_settings
from django.utils import timezone

from cluster.inspection.clock import ask_inspection, inspection_clock, look_at_all
from cluster.inspection.models import Clock, ColumnDuty, ColumnState, DutyNotice, InspectionRequest, InspectionRun
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, law_of, put_item, under
from tests.support.people import make_user, sign_in
from tests.support.waiving import waive
from tests.support.working import work_until_idle

pytestmark = pytest.mark.django_db
CODES = {"tzgg": "通知公告", "dtyw": "动态要闻"}
LAW = law_of(*(column(code, name, within=10) for code, name in CODES.items()))


class Failing(EmailBackend):
    """Takes letters for nobody but those in `accepted`; counts how often it was tried."""

    accepted: frozenset[str] = frozenset()
    tries = 0

    def send_messages(self, messages: Any) -> int:
        type(self).tries += 1
        if not self.accepted.issuperset(messages[0].to):
            raise OSError("connection refused")
        return super().send_messages(messages)


FAILING = f"{__name__}.Failing"


@pytest.fixture(autouse=True)
def _law() -> Iterator[None]:
    Failing.tries, Failing.accepted = 0, frozenset()
    InspectionRequest.objects.all().delete()
    with under(LAW):
        yield


@pytest.fixture
def duties(alpha: Subsite, beta: Subsite) -> list[ColumnDuty]:
    """Name officers and supervisors for the notices of both sites."""
    return [
        ColumnDuty.objects.create(
            site=site,
            column_code="tzgg",
            officer_name=f"{site.code}的责任人",
            officer_email=f"officer@{site.code}.example",
            reviewer_email=f"reviewer@{site.code}.example",
        )
        for site in (alpha, beta)
    ]


def idle() -> None:
    work_until_idle(inspection_clock)


def night() -> None:
    """Let a day pass for the clock."""
    InspectionRun.objects.filter(day=timezone.localdate()).delete()
    idle()


def late(*sites: Subsite, days: int = 30) -> None:
    """Make the notices of these sites late; every other column is up to date."""
    for site in Subsite.objects.exclude(kind="console"):
        put_item(site, "dtyw")
        put_item(site, "tzgg", days if site in sites else 0)


def told() -> list[str]:
    """Return who got a letter since the last question."""
    found = [to for letter in mail.outbox for to in letter.to]
    mail.outbox.clear()
    return found


def grow_old(days: int = 8) -> None:
    DutyNotice.objects.update(created_at=timezone.now() - timedelta(days=days))


def test_a_letter_names_site_column_and_where_to_act(alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]):
    late(alpha)
    idle()
    (letter,) = mail.outbox
    for words in ("甲县", "通知公告：超期", "已超期20天", "alpha的责任人", f"{alpha.root_url}/admin/"):
        assert words in letter.body
    assert "beta" not in letter.body


def test_the_same_alarm_is_told_once_however_many_nights(alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]):
    late(alpha, beta)
    for _ in range(3):
        night()
    assert sorted(told()) == ["officer@alpha.example", "officer@beta.example"]
    assert DutyNotice.objects.count() == 2


def test_letters_into_a_folder(tmp_path: Path, alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]):
    late(alpha)
    backend = "django.core.mail.backends.filebased.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, EMAIL_FILE_PATH=str(tmp_path)):
        idle()
    (written,) = tmp_path.glob("*.log")
    assert "officer@alpha.example" in written.read_text()
    assert DutyNotice.objects.exclude(mailed_at=None).count() == 1


def test_a_mail_server_that_fails_does_not_stop_the_night_and_is_tried_the_next(
    alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]
):
    late(alpha)
    with override_settings(EMAIL_BACKEND=FAILING):
        idle()
        failed = DutyNotice.objects.get()
        assert (failed.mailed_at, "refused" in failed.error) == (None, True)
        assert ColumnState.objects.get(site=alpha, column_code="tzgg").state == Clock.LATE
        assert InspectionRun.objects.filter(day=timezone.localdate()).exists()
        ask_inspection()
        idle()
        assert Failing.tries == 1
    idle()
    assert told() == []
    night()
    assert told() == ["officer@alpha.example"]
    night()
    assert told() == []


def test_a_dead_server_is_not_tried_for_every_letter(alpha: Subsite, beta: Subsite):
    law = law_of(*(column(f"c{number}", f"栏目{number}") for number in range(9)))
    for number in range(9):
        ColumnDuty.objects.create(site=alpha, column_code=f"c{number}", officer_email=f"c{number}@alpha.example")
    with under(law), override_settings(EMAIL_BACKEND=FAILING):
        idle()
        assert Failing.tries == 3
        assert DutyNotice.objects.filter(site=alpha, mailed_at=None).exclude(error="").count() == 9
        Failing.accepted = frozenset(f"c{number}@alpha.example" for number in range(2, 9))
        night()  # two refused mailboxes do not keep the others waiting
        assert DutyNotice.objects.exclude(mailed_at=None).count() == 7


def test_an_officers_mailbox_that_refuses_does_not_keep_it_from_the_supervisor(
    alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]
):
    late(alpha)
    with override_settings(EMAIL_BACKEND=FAILING):
        Failing.accepted = frozenset({"reviewer@alpha.example"})
        idle()
        grow_old()
        night()
        assert told() == ["reviewer@alpha.example"]
        night()
        assert told() == []


def test_the_supervisor_hears_after_the_days_not_before_and_of_nothing_settled(
    alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]
):
    late(alpha, beta)
    idle()
    told()
    with override_settings(INSPECTION_ESCALATION_DAYS=7):
        grow_old(6)
        night()
        assert told() == []
        put_item(beta, "tzgg")
        grow_old(8)
        night()
        night()
    assert told() == ["reviewer@alpha.example"]


def test_whoever_is_named_later_is_told(alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]):
    late(alpha)
    idle()
    assert told() == ["officer@alpha.example"]
    duties[0].officer_email, duties[0].officer_name = "new@alpha.example", "新来的"
    duties[0].save()
    night()
    night()
    assert told() == ["new@alpha.example"]
    assert DutyNotice.objects.get().officer_name == "新来的"


def test_an_alarm_that_comes_back_after_a_waiver_begins_anew(alpha: Subsite, beta: Subsite, duties: list[ColumnDuty]):
    late(alpha)
    idle()
    grow_old()
    told()
    waiver = waive(alpha, "tzgg", "tzgg.update")
    idle()
    assert told() == []
    assert not DutyNotice.objects.filter(resolved_at=None).exists()
    DutyNotice.objects.update(resolved_at=timezone.now() - timedelta(days=2))
    type(waiver).objects.filter(pk=waiver.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    night()
    assert told() == ["officer@alpha.example"]
    assert DutyNotice.objects.get().escalated_at is None


def test_a_supervisor_without_a_mailbox_sees_it_in_his_admin(alpha: Subsite, beta: Subsite, client_for: Any):
    boss, other = make_user(alpha, "site_admin", "孙局"), make_user(alpha, "editor", "李四")
    ColumnDuty.objects.create(site=alpha, column_code="tzgg", reviewer=boss.person_uuid, reviewer_name="孙局")
    late(alpha)
    idle()
    at_home: Client = sign_in(client_for(alpha), boss)
    assert "请您督办" not in at_home.get("/admin/").content.decode()
    grow_old()
    look_at_all()
    idle()
    assert "报请您督办的有 1 个" in at_home.get("/admin/").content.decode()
    text = sign_in(client_for(alpha), other).get("/admin/").content.decode()
    assert "已报监督人" in text
    assert "请您督办" not in text
    assert told() == []
