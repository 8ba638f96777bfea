"""Opening a site from the console: sentences at their fields, one job for one order, a site that stands."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cluster.audit.models import LedgerEntry
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Domain, Job, JobState, Subsite

pytestmark = pytest.mark.django_db
OPEN = "/admin/console/open/"


def order(**changes: Any) -> dict[str, Any]:
    """Return what the office types for a good new site."""
    return {
        "number": str(uuid.uuid4()),
        "code": "gamma",
        "name": "丙县人民政府",
        "kind": "county",
        "region": "230183",
        "parent": "",
        "domain": "",
        "organizer": "",
        "id_code": "2301830001",
        "state": "open",
        **changes,
    }


def do_jobs() -> None:
    """Do what the worker would do."""
    connection.set_schema_to_public()
    while run_jobs.run():
        pass


def test_a_good_order_becomes_a_job_and_then_a_site(office: Client, alpha: Subsite, client_for) -> None:
    answer = office.post(OPEN, order(parent="alpha"))
    job = Job.objects.get()
    assert answer["Location"] == f"/admin/console/jobs/{job.pk}/"
    assert (job.kind, job.state, job.actor["name"]) == ("open_site", JobState.QUEUED, "王敏")
    assert not Subsite.objects.filter(code="gamma").exists()
    assert "等待执行" in office.get(answer["Location"]).content.decode()
    do_jobs()
    job.refresh_from_db()
    assert (job.state, job.progress) == (JobState.DONE, 100), job.message
    site = Subsite.objects.get(code="gamma")
    assert (site.name, site.organizer, site.parent_id, site.primary_host) == (
        "丙县人民政府",
        "丙县人民政府",
        alpha.pk,
        "gamma.localhost",
    )
    done = office.get(answer["Location"]).content.decode()
    assert "http://gamma.localhost/admin/" in done
    assert client_for(site).get("/admin/login/").status_code == 200
    line = LedgerEntry.objects.get(site_code="gamma", action="site_registered")
    assert (line.actor["name"], line.actor["site"]) == ("王敏", "console")


def test_every_mistake_is_told_at_its_field_and_nothing_typed_is_lost(office: Client) -> None:
    typed = order(code="Gamma!", name="丙\t县", domain="http://x", id_code="123", organizer="丙县办公室")
    answer = office.post(OPEN, typed)
    assert answer.status_code == 200
    errors = answer.context["form"].errors
    assert set(errors) == {"code", "name", "domain", "id_code"}
    assert "小写英文字母" in errors["code"][0]
    assert "10位数字" in errors["id_code"][0]
    page = answer.content.decode()
    for kept in ("Gamma!", "http://x", "123", "丙县办公室", typed["number"]):
        assert f'value="{kept}"' in page
    assert not Job.objects.exists()
    assert office.post(OPEN, order()).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"code": "alpha"}, "code", "已被使用"),
        ({"code": "admin"}, "code", "保留字"),
        ({"domain": "beta.localhost"}, "domain", "已属于站点“beta”"),
        ({"domain": "www.example.com"}, "domain", "gov.cn"),
        ({"domain": "bing.gov.cn"}, "domain", "www."),
        ({"id_code": "2301840001", "region": "230184"}, "id_code", "已被其他站点使用"),
        ({"id_code": "2302000009"}, "id_code", "前6位"),
        ({"region": "999999"}, "region", ""),
        ({"kind": "console"}, "kind", ""),
        ({"kind": "village"}, "kind", ""),
        ({"parent": "console"}, "parent", ""),
        ({"state": "closed"}, "state", ""),
        ({"name": "\x00"}, "name", ""),
        ({"name": "长" * 121}, "name", "120"),
        ({"code": "x" * 41}, "code", "40"),
    ],
)
def test_bad_orders_are_refused_at_the_field(office: Client, changes: dict[str, str], field: str, word: str) -> None:
    answer = office.post(OPEN, order(**changes))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert word in answer.context["form"].errors[field][0]
    assert not Job.objects.exists()
    assert office.post(OPEN, order()).status_code == 302


def test_pressing_twice_is_one_job_and_one_site(office: Client) -> None:
    typed = order()
    first, second = office.post(OPEN, typed), office.post(OPEN, typed)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1
    do_jobs()
    assert office.post(OPEN, typed).status_code in {200, 302}  # and once more after it was done
    assert Job.objects.count() == 1
    assert Subsite.objects.filter(code="gamma").count() == 1


def test_a_second_order_for_a_code_that_waits_is_refused(office: Client) -> None:
    office.post(OPEN, order())
    answer = office.post(OPEN, order(domain="other.localhost", id_code=""))
    assert "已经提交" in answer.context["form"].errors["code"][0]
    assert Job.objects.count() == 1
    assert office.post(OPEN, order(code="delta", id_code="")).status_code == 302


def test_a_changed_form_with_an_old_number_is_an_order_of_its_own(office: Client) -> None:
    typed = order()
    office.post(OPEN, typed)
    office.post(OPEN, {**typed, "code": "delta", "id_code": ""})
    assert set(Job.objects.values_list("params__code", flat=True)) == {"gamma", "delta"}


def test_a_failed_order_can_be_mended_or_repeated(office: Client, inspector: Client, beta: Subsite) -> None:
    office.post(OPEN, order())
    Domain.objects.create(domain="gamma.localhost", tenant=beta, is_primary=False)  # somebody was quicker
    do_jobs()
    job = Job.objects.get()
    assert (job.state, "已属于站点“beta”" in job.message) == (JobState.FAILED, True)
    page = f"/admin/console/jobs/{job.pk}/"
    assert "失败" in office.get("/admin/").content.decode()
    assert "修改后重新提交" in office.get(page).content.decode()
    assert "重新提交" not in inspector.get(page).content.decode()
    again = office.get(f"{OPEN}?from={job.pk}").content.decode()
    assert 'value="丙县人民政府"' in again
    assert '<option value="230183" selected' in again
    assert office.get(f"{OPEN}?from=nonsense").status_code == 200
    Domain.objects.filter(domain="gamma.localhost").delete()
    repeated = office.post(f"{page}repeat/")
    assert office.post(f"{page}repeat/")["Location"] == repeated["Location"]
    do_jobs()
    assert Subsite.objects.filter(code="gamma").exists()
    assert Job.objects.filter(state=JobState.DONE).count() == 1
    assert "失败" not in office.get("/admin/").content.decode()


def test_a_done_job_is_not_repeated(office: Client) -> None:
    office.post(OPEN, order())
    do_jobs()
    office.post(f"/admin/console/jobs/{Job.objects.get().pk}/repeat/")
    assert Job.objects.count() == 1


def test_the_jobs_page_says_when_nobody_works(office: Client) -> None:
    office.post(OPEN, order())
    job = Job.objects.get()
    page = f"/admin/console/jobs/{job.pk}/"
    assert "后台进程没有运行" not in office.get(page).content.decode()
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at.replace(year=2020))
    assert "后台进程没有运行" in office.get(page).content.decode()
    assert "后台进程可能没有运行" in office.get("/admin/").content.decode()


def test_the_changing_part_comes_alone(office: Client) -> None:
    office.post(OPEN, order())
    part = office.get(f"/admin/console/jobs/{Job.objects.get().pk}/?part=1").content.decode()
    assert "<html" not in part
    assert 'data-finished=""' in part
    do_jobs()
    assert 'data-finished="1"' in office.get(f"/admin/console/jobs/{Job.objects.get().pk}/?part=1").content.decode()
