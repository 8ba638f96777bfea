"""What the law declares acts: severities weigh the verdicts, companions past their limit count and are told to the officer."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.utils import timezone

from cluster.column_templates.law import CompanionRule, ItemRule, Law, UpdateLimit
from cluster.inspection.clock import inspection_clock, look_at_all
from cluster.inspection.evaluation import evaluate
from cluster.inspection.models import ColumnDuty, ColumnRecord, DutyNotice, InspectionRequest
from cluster.inspection.verdict import Grade
from cluster.resources.models import Resource, ResourceLink
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, law_of, put_item, rule_of, stand_as, under
from tests.support.waiving import waive
from tests.support.working import work_until_idle

pytestmark = pytest.mark.django_db
GRADES = [("advice", Grade.LOW), ("warning", Grade.MEDIUM), ("refusal", Grade.HIGH), ("veto", Grade.VETO)]


def limited(severity: str) -> Law:
    return law_of(column("tzgg", "通知公告", update=UpdateLimit(10, "days", 3, severity)))


def missing(severity: str) -> Law:
    return law_of(column("tzgg", "通知公告", severity=severity))


def interpreted(severity: str, within: int = 3) -> Law:
    rule = CompanionRule("zcwj.interpretation.companion", "interpretation", within, "workdays", severity)
    return law_of(column("zcwj", "政策文件", companions=(rule,), reviewer="办公厅主任"))


def late(site: Subsite) -> None:
    put_item(site, "tzgg", 30)


def without_column(site: Subsite) -> None:
    ColumnRecord.objects.filter(site=site, code="tzgg").delete()


def document(site: Subsite, ago: int = 9, **fields: object) -> Resource:
    return put_item(site, "zcwj", ago, page_type=settings.DOCUMENT_PAGE, **fields)


def interpret(target: Resource) -> None:
    source = put_item(target.site, "zcjd", page_type=settings.INTERPRETATION_PAGE)
    ResourceLink.objects.create(
        source=source, kind="interprets", target_site=target.site, target_page_id=target.page_id
    )


@pytest.mark.parametrize(("severity", "grade"), GRADES)
@pytest.mark.parametrize(
    ("rule_id", "law", "fault"),
    [("R04", limited, late), ("R08", missing, without_column), ("R20", interpreted, document)],
)
def test_a_severity_of_the_law_is_the_weight_of_the_verdict(
    alpha: Subsite, beta: Subsite, rule_id: str, law: Callable[[str], Law], fault: Callable, severity: str, grade: Grade
):
    stand_as(law(severity), alpha, beta)
    put_item(beta, "tzgg")
    fault(alpha)
    with under(law(severity)):
        found = evaluate()
    bad, good = (rule_of(site, rule_id, found) for site in (alpha, beta))
    assert (bad.ok, bad.grade) == (False, grade)
    assert good.ok


def test_while_the_limit_runs_nothing_is_overdue(alpha: Subsite, beta: Subsite):
    document(alpha, 9)
    document(beta, 1)
    with under(interpreted("veto")):
        found = evaluate()
    assert [rule_of(site, "R20", found).ok for site in (alpha, beta)] == [False, True]


def test_an_overdue_interpretation_is_told_to_the_officer_of_the_column(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        ColumnDuty.objects.create(
            site=site, column_code="zcwj", officer_name="张三", officer_email=f"zs@{site.code}.example"
        )
    first = document(alpha, 9, title="办法")
    interpret(document(beta, 9))
    InspectionRequest.objects.all().delete()

    def run() -> list[DutyNotice]:
        with under(interpreted("refusal")):
            work_until_idle(inspection_clock)
        return list(DutyNotice.objects.filter(resolved_at=None).exclude(rule_id=""))

    (notice,) = run()
    assert (notice.site, notice.column_code, notice.officer_name) == (alpha, "zcwj", "张三")
    assert notice.supervisor_name == "办公厅主任"
    assert "1条信息还没有政策解读，最近一条是《办法》" in notice.sentence
    told = [letter for letter in mail.outbox if letter.to == ["zs@alpha.example"]]
    assert "《办法》" in told[0].body
    assert not any("《办法》" in letter.body for letter in mail.outbox if letter.to == ["zs@beta.example"])
    letters = len(mail.outbox)
    with under(interpreted("refusal")):
        look_at_all()
    assert (len(run()), len(mail.outbox)) == (1, letters)
    interpret(first)
    assert run() == []


def test_a_waived_interpretation_is_not_told(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        document(site)
    waive(alpha, "zcwj", "zcwj.interpretation.companion")
    with under(interpreted("warning")):
        look_at_all()
    assert [one.site for one in DutyNotice.objects.exclude(rule_id="")] == [beta]


# ---- what the rules about limits take from the law


def test_r20_an_article_among_interpretations_must_name_a_document_too(alpha: Subsite, beta: Subsite):
    rule = CompanionRule("zcjd.document.companion", "document", 3, "days", "warning")
    law = law_of(column("zcjd", "政策解读", companions=(rule,)), column("hygq", "回应关切"))
    put_item(alpha, "zcjd", 30)
    put_item(beta, "zcjd", 1)  # its limit still runs
    put_item(beta, "hygq", 30)  # nobody asks for a document there
    with under(law):
        found = evaluate()
    bad, good = (rule_of(site, "R20", found) for site in (alpha, beta))
    assert (bad.ok, bad.evidence["count"], good.ok) == (False, 1, True)
    assert bad.evidence["examples"][0]["kind"] == "缺所解读的文件"


def disclosed(days: int, since: date | None = None) -> Law:
    rule = ItemRule(
        "zcwj.published_at.within_workdays_of", "published_at", "within_workdays_of", "warning", ("written_on", days),
        valid_from=since,
    )  # fmt: skip
    return law_of(column("zcwj", "政策文件", items=(rule,)))


@pytest.mark.parametrize(
    ("published", "late", "law", "ok"),
    [
        (0, 20, disclosed(20), True),
        (0, 21, disclosed(20), False),
        (1500, 55, disclosed(20), False),
        (1000, 55, disclosed(20), False),
        (1000, 15, disclosed(20), True),
        (1000, 5000, disclosed(20), False),
        (1000, 15, disclosed(10), False),
        (100, 55, disclosed(20, timezone.localdate() - timedelta(days=99)), True),
        (99, 55, disclosed(20, timezone.localdate() - timedelta(days=99)), False),
        (0, 55, law_of(column("zcwj", "政策文件")), False),
    ],
)
def test_r19_counts_as_the_column_says_and_since_when(
    alpha: Subsite, beta: Subsite, published: int, late: int, law: Law, ok: bool
):
    today = timezone.localdate()
    document(alpha, published, pub_date=today - timedelta(days=published + late))
    document(beta, published, pub_date=today - timedelta(days=published))
    with under(law):
        found = evaluate()
    assert [rule_of(site, "R19", found).ok for site in (alpha, beta)] == [ok, True]


def test_r03_counts_the_items_of_the_named_type(alpha: Subsite, beta: Subsite):
    law = law_of(
        column("zc", "政策法规", column_type="政策文件"),
        column("zcwj", "政策文件", parent="zc"),
        column("zcjd", "政策解读", parent="zc"),
    )
    stand_as(law, alpha, beta)
    for site, ago in ((alpha, 400), (beta, 170)):
        put_item(site, "zcwj", ago)
        put_item(site, "zcjd", 1)
    with under(law):
        found = evaluate()
    bad, good = (rule_of(site, "R03", found) for site in (alpha, beta))
    assert [line["code"] for line in bad.evidence["columns"]] == ["zcwj"]
    assert good.ok


# ---- days of the past


def test_what_changed_since_is_marked(alpha: Subsite, beta: Subsite):
    day = timezone.localdate() - timedelta(days=3)
    Subsite.objects.update(created_at=timezone.now() - timedelta(days=30))
    rows = [put_item(alpha, "tzgg", 5, title=f"第{number}条") for number in range(3)]
    put_item(beta, "tzgg", 5)
    with connection.cursor() as cursor:
        cursor.execute(
            """ALTER TABLE public.audit_ledgerentry DISABLE TRIGGER qz_append_only;
               UPDATE public.audit_ledgerentry SET at = now() - interval '5 days' WHERE subject_type = 'resource';
               ALTER TABLE public.audit_ledgerentry ENABLE TRIGGER qz_append_only"""
        )
    with under(limited("warning")):
        assert rule_of(alpha, "R11", evaluate(day=day)).note == ""
        Resource.objects.filter(pk=rows[0].pk).update(source="", content_hash="1" * 64)
        Resource.objects.filter(pk=rows[1].pk).update(state="withdrawn", withdrawn_at=timezone.now())
        found, present = evaluate(day=day), evaluate()
    told, same = (rule_of(site, "R11", found) for site in (alpha, beta))
    assert told.note == "当日的1条信息此后修改过，按今天的内容判断；1条信息此后已撤回，没有判断。"
    assert (told.evidence["revised_since"], told.evidence["withdrawn_since"]) == (1, 1)
    assert (same.ok, same.note) == (True, "")
    assert rule_of(alpha, "R11", present).note == ""


def test_a_site_is_judged_by_the_record_that_it_had(alpha: Subsite, beta: Subsite):
    Subsite.objects.update(created_at=timezone.now() - timedelta(days=30))
    yesterday = timezone.localdate() - timedelta(days=1)
    Subsite.objects.filter(pk=alpha.pk).update(id_code="", name="甲市人民政府")
    found, present = evaluate(day=yesterday), evaluate()
    assert [rule_of(alpha, "R09", one).ok for one in (found, present)] == [True, False]
    assert next(site.name for site in found.sites if site.pk == alpha.pk) == "甲县人民政府"
    assert [rule_of(beta, "R09", one).ok for one in (found, present)] == [True, True]


# ---- rules about items: the norm weighs, a veto of the law tops it


def sourced(severity: str, since: date | None = None) -> Law:
    rule = ItemRule("tzgg.source.required", "source", "required", severity, valid_from=since)
    return law_of(column("tzgg", "通知公告", items=(rule,)))


@pytest.mark.parametrize(
    ("severity", "grade"),
    [("advice", Grade.MEDIUM), ("warning", Grade.MEDIUM), ("refusal", Grade.MEDIUM), ("veto", Grade.VETO)],
)
def test_only_a_veto_about_items_weighs_more_than_the_norm(
    alpha: Subsite, beta: Subsite, severity: str, grade: Grade
) -> None:
    put_item(alpha, "tzgg", source="")
    put_item(beta, "tzgg")
    with under(sourced(severity)):
        found = evaluate()
    bad, good = (rule_of(site, "R11", found) for site in (alpha, beta))
    assert (bad.ok, bad.grade, good.ok) == (False, grade, True)
    assert ("栏目模板定为单项否决" in bad.sentence) is (severity == "veto")


def test_a_veto_about_items_counts_where_it_holds_and_is_not_waived(alpha: Subsite, beta: Subsite) -> None:
    today = timezone.localdate()
    for site in (alpha, beta):
        put_item(site, "tzgg", source="")
        put_item(site, "hygq", source="")
    waive(beta, "tzgg", "tzgg.source.required")
    with under(sourced("veto")):
        found = evaluate()
    assert [rule_of(site, "R11", found).grade for site in (alpha, beta)] == [Grade.VETO, Grade.MEDIUM]
    with under(sourced("veto", today + timedelta(days=1))):
        assert rule_of(alpha, "R11").grade == Grade.MEDIUM
    with under(law_of(column("tzgg", "通知公告"))):
        assert rule_of(alpha, "R11").grade == Grade.MEDIUM
