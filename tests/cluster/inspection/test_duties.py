"""Who answers for a column, and who answered on a day of the past: kept on every road, named for that day, unknown before that."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cluster.inspection.evaluation import Evaluation, evaluate_columns
from cluster.inspection.models import ColumnDuty, DutyRecord
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, column_of, law_of, under

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", unit="办公室", reviewer="分管负责人"))
BEGIN = "cluster.inspection.migrations.0004_duty_records"


def days_ago(number: int) -> date:
    return timezone.localdate() - timedelta(days=number)


@pytest.fixture(autouse=True)
def sites_of_nine_days(alpha: Subsite, beta: Subsite) -> None:
    nine = timezone.now() - timedelta(days=9)
    Subsite.objects.filter(pk__in=[alpha.pk, beta.pk]).update(created_at=nine)
    DutyRecord.objects.all().delete()


def named(site: Subsite, officer: str, reviewer: str = "李四") -> ColumnDuty:
    duty = ColumnDuty.objects.filter(site=site, column_code="tzgg").first() or ColumnDuty(site=site, column_code="tzgg")
    duty.officer_name, duty.reviewer_name = officer, reviewer
    duty.save()
    return duty


def four_days_pass() -> None:
    """Let what is recorded have been so four days earlier."""
    for record in DutyRecord.objects.order_by("since"):
        record.since -= timedelta(days=4)
        record.until = record.until and record.until - timedelta(days=4)
        record.save()


def evaluated(day: date | None = None) -> Evaluation:
    with under(LAW):
        return evaluate_columns(["alpha", "beta"], day)


def people(site: Subsite, day: date | None = None) -> tuple[str, str]:
    verdict = column_of(evaluated(day), site, "tzgg")
    return verdict.duty.officer_name if verdict.duty else "", verdict.reviewer


def by_the_form(duty: ColumnDuty) -> None:
    duty.officer_name = "王五"
    duty.save()


def by_many_at_once(duty: ColumnDuty) -> None:
    ColumnDuty.objects.filter(pk=duty.pk).update(officer_name="王五")


def by_sql(duty: ColumnDuty) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inspection_columnduty SET officer_name = '王五' WHERE id = %s", [duty.pk])


def anew(duty: ColumnDuty) -> None:
    duty.delete()
    ColumnDuty.objects.create(site=duty.site, column_code="tzgg", officer_name="王五", reviewer_name="李四")


@pytest.mark.parametrize("road", [by_the_form, by_many_at_once, by_sql, anew])
def test_the_officer_of_that_day_is_named_whoever_answers_now(
    alpha: Subsite, beta: Subsite, road: Callable[[ColumnDuty], None]
):
    duty = named(alpha, "张三")
    four_days_pass()
    road(duty)
    assert (people(alpha, days_ago(2)), people(alpha)) == (("张三", "李四"), ("王五", "李四"))
    # Before anybody was named, there was nobody; and nobody is in the other site.
    assert people(alpha, days_ago(6)) == ("", "分管负责人")
    assert people(beta) == people(beta, days_ago(2)) == ("", "分管负责人")
    assert evaluated(days_ago(2)).note == evaluated(days_ago(6)).note == ""


def test_what_is_no_other_duty_is_no_other_record(alpha: Subsite, beta: Subsite):
    duty = named(alpha, "张三")
    duty.officer_email = "zhangsan@example.cn"
    duty.save()
    assert DutyRecord.objects.filter(column_code="tzgg").count() == 1
    named(beta, "张三")
    assert DutyRecord.objects.filter(column_code="tzgg").count() == 2


def test_whose_duty_ended_is_named_for_the_days_before(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        named(site, "张三")
    four_days_pass()
    ColumnDuty.objects.get(site=alpha).delete()
    assert (people(alpha), people(beta)) == (("", "分管负责人"), ("张三", "李四"))
    assert people(alpha, days_ago(2)) == people(beta, days_ago(2)) == ("张三", "李四")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE inspection_columnduty")
    assert people(beta) == ("", "分管负责人")
    assert people(beta, days_ago(2)) == ("张三", "李四")


def test_before_the_upgrade_nobody_knows_who_answered(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        named(site, "张三")
    DutyRecord.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module(BEGIN).BEGIN)
    then = evaluated(days_ago(2))
    assert column_of(then, alpha, "tzgg").duty is None
    since = timezone.localdate(DutyRecord.objects.get(site=alpha, column_code="").since)
    assert then.note == f"责任人从{since}起才有记录，这一天由谁负责不详：所列单位和监督岗位是当时模板所写。"
    assert (people(alpha), evaluated().note) == (("张三", "李四"), "")
    # Of a site that is younger than the upgrade, everything is known.
    DutyRecord.objects.filter(site=beta, column_code="").delete()
    assert evaluated(days_ago(2)).note.startswith("1个站点的责任人从")
    four_days_pass()
    assert (people(alpha, days_ago(2)), evaluated(days_ago(2)).note) == (("张三", "李四"), "")


def test_the_command_names_that_days_officer(alpha: Subsite, beta: Subsite, capsys: pytest.CaptureFixture[str]):
    duty = named(alpha, "张三")
    four_days_pass()
    by_sql(duty)

    def said_of(code: str, day: date) -> tuple[str, str, bool]:
        with under(LAW):
            call_command("inspect_columns", site=code, date=str(day), format="json")
        told = json.loads(capsys.readouterr().out)
        (site,) = told["sites"]
        (line,) = site["columns"]
        return line["officer"], told["note"], site["officers_known"]

    assert said_of("alpha", days_ago(2)) == ("张三", "", True)
    assert said_of("alpha", days_ago(0)) == ("王五", "", True)
    assert said_of("beta", days_ago(2)) == ("", "", True)
    DutyRecord.objects.create(site=beta, column_code="", since=timezone.now())
    officer, note, known = said_of("beta", days_ago(2))
    assert (officer, "由谁负责不详" in note, known) == ("", True, False)
