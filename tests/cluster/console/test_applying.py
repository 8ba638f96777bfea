"""The plan of a version in the console, its application as a job, and the versions of the sites."""

from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from cluster.column_templates.current import forget
from cluster.column_templates.models import TemplateVersion
from cluster.context import in_site
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Job, JobState, Subsite
from sites.columns.models import ColumnPage
from tests.support.columns import own_column
from tests.support.inspecting import put_item
from tests.support.templates import NEW_WORDS, draft
from tests.support.waiving import waive


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def apply(client: Client, number: int) -> HttpResponse:
    """Press the button below the plan."""
    digest = TemplateVersion.objects.get(number=number).digest
    return client.post(f"/admin/console/templates/{number}/apply/", {"digest": digest})


def codes(site: Subsite) -> set[str]:
    with in_site(site):
        return set(ColumnPage.objects.values_list("code", flat=True))


def test_the_office_sees_the_plan_and_applies_it(
    office: Client, inspector: Client, alpha: Subsite, beta: Subsite
) -> None:
    forget()
    own_column(beta, "xslm", "本地栏目")
    number = draft(add={"xslm": NEW_WORDS}).number
    address = f"/admin/console/templates/{number}/plan/"
    plan = text_of(office, address)
    assert "新设栏目" in plan
    assert "甲县人民政府（alpha）：1 处调整" in plan
    assert "乙市人民政府（beta）：2 处调整，1 处冲突" in plan
    assert "应用到全部站点" in plan
    assert "xslm" not in codes(alpha)
    assert "应用到全部站点" not in text_of(inspector, address)
    assert apply(inspector, number).status_code in {302, 403}
    assert not Job.objects.exists()
    first, again = apply(office, number), apply(office, number)
    assert first["Location"] == again["Location"]
    assert Job.objects.count() == 1
    assert "中断" in text_of(office, first["Location"])
    assert run_jobs.run()
    assert Job.objects.get().state == JobState.DONE
    assert "xslm" in codes(alpha) & codes(beta)
    versions = text_of(office, "/admin/console/templates/sites/")
    assert f"第 {number} 版" in versions
    assert "新植“新设栏目”" in versions
    assert "全部站点与这一版一致" in text_of(office, address)
    forget()


def test_an_application_is_interrupted_and_goes_on_as_ordered(office: Client, alpha: Subsite, beta: Subsite) -> None:
    forget()
    number = draft(add={"xslm": NEW_WORDS}).number
    job = apply(office, number)["Location"]
    office.post(f"{job}stop/")
    run_jobs.run()
    assert "已按要求中断" in text_of(office, job)
    again = office.post(f"{job}repeat/")["Location"]
    run_jobs.run()
    assert "已完成" in text_of(office, again)
    assert "xslm" in codes(alpha) & codes(beta)
    forget()


def test_a_past_version_is_not_applied_again(office: Client, alpha: Subsite, beta: Subsite) -> None:
    forget()
    number = draft(add={"xslm": NEW_WORDS}).number
    apply(office, number)
    run_jobs.run()
    response = office.post("/admin/console/templates/1/apply/", follow=True)
    assert "历史版本" in response.content.decode()
    assert Job.objects.count() == 1
    assert office.get("/admin/console/templates/99/plan/").status_code == 404
    forget()


def test_the_plan_tells_what_is_to_come_what_is_waived_and_what_will_be_late(
    office: Client, alpha: Subsite, beta: Subsite
) -> None:
    forget()
    day = timezone.localdate() + timedelta(days=10)
    for site in (alpha, beta):
        put_item(site, "tzgg", 9, summary="")
    waiver = waive(beta, "tzgg", "tzgg.summary.required", reason="历史信息较多")
    rule = {"field": "summary", "check": "required", "severity": "refusal", "valid_from": day}
    words = {"items": [rule], "update": {"within": 5, "warn": 1}}
    number = draft(add={"xslm": {**NEW_WORDS, "valid_from": day}}, override={"tzgg": words}).number
    plan = text_of(office, f"/admin/console/templates/{number}/plan/")
    ours, theirs = (plan.split(f"（{code}）：")[1].split("</details>")[0] for code in ("alpha", "beta"))
    for told in (ours, theirs):
        assert f"自 {day} 起，新规则“必须填写摘要”（tzgg.summary.required，拒绝）：1 条信息不符合" in told
        assert "“通知公告”（tzgg）最近一次首次发布在" in told
        assert f"自 {day} 起：" in told
        assert "新设栏目" in told
    assert waiver.text in theirs
    assert "豁免" not in ours
    assert "今后才不符合的 1 条；已豁免的 1 条；一应用就超期的栏目 2 个，在 2 个站点；今后的调整 2 处" in plan
    forget()
