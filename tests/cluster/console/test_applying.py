"""The plan of a version in the console, its application as a job, and the versions of the sites."""

from django.test import Client

from cluster.column_templates.current import forget
from cluster.context import in_site
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Job, JobState, Subsite
from sites.columns.models import ColumnPage
from tests.support.columns import own_column
from tests.support.templates import NEW_WORDS, draft


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


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
    assert inspector.post(f"/admin/console/templates/{number}/apply/").status_code in {302, 403}
    assert not Job.objects.exists()
    first = office.post(f"/admin/console/templates/{number}/apply/")
    again = office.post(f"/admin/console/templates/{number}/apply/")
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
    job = office.post(f"/admin/console/templates/{number}/apply/")["Location"]
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
    office.post(f"/admin/console/templates/{number}/apply/")
    run_jobs.run()
    response = office.post("/admin/console/templates/1/apply/", follow=True)
    assert "历史版本" in response.content.decode()
    assert Job.objects.count() == 1
    assert office.get("/admin/console/templates/99/plan/").status_code == 404
    forget()
