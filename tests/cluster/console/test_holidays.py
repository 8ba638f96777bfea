"""Holiday notices in the console: the office enters and withdraws, the inspector reads, what was typed stays."""

from typing import Any

import pytest
from django.test import Client

from cluster.audit.models import LedgerEntry
from cluster.workdays import known_until
from cluster.workdays.models import HolidayNotice

pytestmark = pytest.mark.django_db
HOLIDAYS = "/admin/console/holidays/"


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "number": "国办发明电〔2026〕9号",
        "title": "关于2027年部分节假日安排的通知",
        "issued_on": "2026-11-20",
        "year": "2027",
        "whole_year": "on",
        "days_off": "2027-01-01 至 2027-01-03\n2027-02-05 至 2027-02-13",
        "working_weekends": "2027-01-30、2027-02-20",
        "text": "各省、自治区、直辖市人民政府……",
        **changes,
    }


def test_the_office_enters_a_notice_and_withdraws_it(office: Client, inspector: Client) -> None:
    assert office.post(f"{HOLIDAYS}new/", typed()).status_code == 302
    notice = HolidayNotice.objects.get()
    assert len(notice.days_off) == 12
    assert known_until().isoformat() == "2027-12-31"
    assert LedgerEntry.objects.get(action="holidays_entered").actor["name"] == "王敏"
    shown = inspector.get(HOLIDAYS).content.decode()
    assert "国办发明电〔2026〕9号" in shown
    assert "2027-12-31" in shown
    assert "撤销</a>" not in inspector.get(f"{HOLIDAYS}{notice.pk}/").content.decode()
    assert "撤销</a>" in office.get(f"{HOLIDAYS}{notice.pk}/").content.decode()
    withdraw = f"{HOLIDAYS}{notice.pk}/withdraw/"
    assert inspector.post(withdraw, {"reason": "录错"})["Location"] == "/admin/"
    assert "reason" in office.post(withdraw, {"reason": " "}).context["form"].errors
    assert office.post(withdraw, {"reason": "录错"}).status_code == 302
    assert known_until().isoformat() == "2026-12-31"
    assert office.get(withdraw).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"days_off": "元旦三天"}, "days_off", "不是日期"),
        ({"days_off": "2027-02-30"}, "days_off", "不是日期"),
        ({"days_off": "2027-01-03 至 2027-01-01"}, "days_off", "起止日期不对"),
        ({"working_weekends": "2027-01-04"}, "working_weekends", "本来就是工作日"),
        ({"year": "27"}, "year", "四位数字"),
    ],
)
def test_bad_input_keeps_what_was_typed(office: Client, changes: dict[str, str], field: str, sentence: str) -> None:
    answer = office.post(f"{HOLIDAYS}new/", typed(**changes))
    assert answer.status_code == 200
    assert sentence in answer.context["form"].errors[field][0]
    assert "关于2027年部分节假日安排的通知" in answer.content.decode()
    assert not HolidayNotice.objects.exists()


def test_the_same_notice_twice_is_told_at_its_field(office: Client) -> None:
    office.post(f"{HOLIDAYS}new/", typed())
    answer = office.post(f"{HOLIDAYS}new/", typed())
    assert "已经录入" in answer.context["form"].errors["number"][0]


def test_an_inspector_and_an_editor_enter_nothing(inspector: Client, editor: Client, roleless: Client) -> None:
    assert inspector.post(f"{HOLIDAYS}new/", typed())["Location"] == "/admin/"
    assert roleless.post(f"{HOLIDAYS}new/", typed())["Location"] == "/admin/"
    assert editor.get(HOLIDAYS).status_code == 404
    assert not HolidayNotice.objects.exists()
