"""Suspending, resuming and closing sites from the console, on one site and not on the other."""

import pytest
from django.test import Client

from cluster.audit.models import LedgerEntry
from cluster.resources.models import Mark
from cluster.subsites.models import Job, JobState, SiteState, Subsite
from tests.cluster.console.test_opening import do_jobs

pytestmark = pytest.mark.django_db
SITES = "/admin/console/sites"


def move(client: Client, site: Subsite, to: str, **typed: str) -> Job:
    """Send the form of a move and do the job."""
    answer = client.post(f"{SITES}/{site.code}/move/{to}/", typed)
    assert answer.status_code == 302, answer.context["form"].errors
    do_jobs()
    job = Job.objects.latest("created_at")
    assert job.state == JobState.DONE, job.message
    return job


def test_a_suspended_site_comes_back(office: Client, alpha: Subsite, beta: Subsite, client_for) -> None:
    job = move(office, alpha, "suspended", reason="系统升级")
    assert "临时下线" in job.message
    assert client_for(alpha).get("/").status_code == 503
    assert client_for(beta).get("/").status_code == 200
    assert client_for(alpha).get("/admin/login/").status_code == 200
    line = LedgerEntry.objects.filter(site_code="alpha", action="site_state").latest("id")
    assert (line.actor["name"], line.reason, line.detail["to"]) == ("王敏", "系统升级", "suspended")
    assert Mark.objects.filter(schema_name=alpha.schema_name, scope="site").exists()
    page = office.get(f"{SITES}/alpha/").content.decode()
    assert "系统升级" in page
    assert "转为正常运行" in page
    move(office, alpha, "open")
    assert client_for(alpha).get("/").status_code == 200


def test_suspending_needs_a_reason(office: Client, alpha: Subsite) -> None:
    answer = office.post(f"{SITES}/alpha/move/suspended/", {"reason": " "})
    assert answer.status_code == 200
    assert "reason" in answer.context["form"].errors
    assert not Job.objects.exists()
    move(office, alpha, "suspended", reason="有原因")
    assert Subsite.objects.get(code="alpha").state == SiteState.SUSPENDED


def test_closing_asks_for_the_code_and_names_the_successor(
    office: Client, alpha: Subsite, beta: Subsite, client_for
) -> None:
    typed = {"reason": "机构撤并", "successor_name": "乙市人民政府", "successor_url": "http://beta.localhost/"}
    answer = office.post(f"{SITES}/alpha/move/closed/", {**typed, "code": "beta"})
    assert "不一致" in answer.context["form"].errors["code"][0]
    assert "机构撤并" in answer.content.decode()
    move(office, alpha, "closed", **typed, code="alpha")
    closed = client_for(alpha).get("/")
    assert closed.status_code == 410
    assert "乙市人民政府" in closed.content.decode()
    assert client_for(beta).get("/").status_code == 200
    refused = office.get(f"{SITES}/alpha/move/open/")
    assert refused["Location"] == f"{SITES}/alpha/"
    assert "move/" not in office.get(f"{SITES}/alpha/").content.decode()


def test_moves_that_the_state_forbids_are_told(office: Client, alpha: Subsite) -> None:
    answer = office.get(f"{SITES}/alpha/move/trial/", follow=True)
    assert "不能改为试运行" in answer.content.decode()
    assert office.get(f"{SITES}/alpha/move/nonsense/").status_code == 404
    assert office.get(f"{SITES}/alpha/move/suspended/").status_code == 200


def test_a_trial_site_is_opened_and_a_suspended_one_tried_again(office: Client, alpha: Subsite, client_for) -> None:
    Subsite.objects.filter(code="alpha").update(state="preparing")
    move(office, alpha, "trial")
    assert client_for(alpha).get("/")["X-Robots-Tag"] == "noindex"
    move(office, alpha, "open", reason="试运行期满")
    assert "X-Robots-Tag" not in client_for(alpha).get("/")


def test_pressing_twice_is_one_job(office: Client, alpha: Subsite) -> None:
    form = office.get(f"{SITES}/alpha/move/suspended/").context["form"]
    typed = {"reason": "系统升级", "number": str(form["number"].value())}
    first = office.post(f"{SITES}/alpha/move/suspended/", typed)
    assert office.post(f"{SITES}/alpha/move/suspended/", typed)["Location"] == first["Location"]
    assert Job.objects.count() == 1


def test_a_long_suspension_is_due_on_the_dashboard(office: Client, alpha: Subsite, beta: Subsite) -> None:
    Subsite.objects.filter(code="alpha").update(state="suspended", state_changed_at="2020-01-01T00:00:00Z")
    shown = office.get("/admin/").content.decode()
    assert "甲县人民政府</a> 临时下线已超过30天" in shown
    assert "乙市人民政府</a> 临时下线" not in shown
