"""Holiday notices: entered as data, never altered, kept in the ledger, and counted as they were known at the time."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.workdays import calendar_at, current_calendar, is_workday, known_until
from cluster.workdays.models import HolidayNotice
from cluster.workdays.notices import NoticeRefused, enter_notice, withdraw_notice

pytestmark = pytest.mark.django_db


def notice(**changes: object) -> HolidayNotice:
    fields = {
        "number": "国办发明电〔2026〕9号",
        "title": "关于2027年部分节假日安排的通知",
        "text": "元旦：1月1日至3日放假，1月9日（星期六）上班。",
        "issued_on": date(2026, 11, 20),
        "year": 2027,
        "days_off": [date(2027, 1, 1)],
        "working_weekends": [date(2027, 1, 9)],
    }
    return HolidayNotice(**{**fields, **changes})


def test_a_notice_counts_from_the_next_question_on_and_stands_in_the_ledger():
    before = timezone.now()
    assert is_workday(date(2027, 1, 1))
    with acting_as(name="王敏", site="console"):
        enter_notice(notice())
    assert not is_workday(date(2027, 1, 1))
    assert is_workday(date(2027, 1, 9))
    assert known_until() == date(2027, 12, 31)
    assert calendar_at(before).known_until == date(2026, 12, 31)
    line = LedgerEntry.objects.get(action="holidays_entered")
    assert (line.subject_id, line.actor["name"]) == ("国办发明电〔2026〕9号", "王敏")


def test_a_withdrawn_notice_counts_no_more_but_for_the_days_on_which_it_stood():
    entered = enter_notice(notice())
    while_it_stood = timezone.now()
    withdraw_notice(entered, reason="录错年份")
    assert is_workday(date(2027, 1, 1))
    assert not calendar_at(while_it_stood).is_workday(date(2027, 1, 1))
    assert LedgerEntry.objects.get(action="holidays_withdrawn").detail["note"] == "录错年份"
    enter_notice(notice())
    assert not is_workday(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"days_off": []}, "days_off", "必须列出放假日"),
        ({"days_off": [date(2023, 1, 1)]}, "days_off", "请检查年份"),
        ({"working_weekends": [date(2027, 1, 4)]}, "working_weekends", "本来就是工作日"),
        ({"working_weekends": [date(2027, 1, 1)]}, "working_weekends", "同时写在放假日里"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused(changes: dict[str, object], field: str, sentence: str):
    with pytest.raises(NoticeRefused, match=sentence) as caught:
        enter_notice(notice(**changes))
    assert caught.value.field == field
    assert not HolidayNotice.objects.exists()


def test_the_same_notice_twice_is_refused_and_a_partial_one_beside_it_is_not():
    enter_notice(notice())
    with pytest.raises(NoticeRefused, match="已经录入"):
        enter_notice(notice())
    with pytest.raises(NoticeRefused, match="全年安排已由"):
        enter_notice(notice(number="国办发明电〔2026〕10号"))
    enter_notice(notice(number="国办发明电〔2027〕1号", whole_year=False, days_off=[date(2027, 5, 10)]))
    assert not current_calendar().is_workday(date(2027, 5, 10))
    assert not current_calendar().is_workday(date(2027, 1, 1))


@pytest.mark.parametrize("change", [{"days_off": [date(2027, 1, 4)]}, {"number": "改"}, {"withdrawal_reason": "改"}])
def test_no_road_alters_a_notice(change: dict[str, object]):
    entered = enter_notice(notice())
    with pytest.raises(DatabaseError, match="不能修改"), transaction.atomic():
        HolidayNotice.objects.filter(pk=entered.pk).update(**change)
    with pytest.raises(DatabaseError, match="不能删除"), transaction.atomic():
        entered.delete()
    with pytest.raises(NoticeRefused, match="原因"):
        withdraw_notice(entered, reason=" ")
    assert current_calendar().known_until == date(2027, 12, 31)
