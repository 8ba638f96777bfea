"""Opening an account from the console: the office may, the password is shown once, an inspector may not."""

import re

import pytest
from django.test import Client

from cluster.accounts.models import User
from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.subsites.models import Job, Subsite
from cluster.subsites.services import close_site
from tests.cluster.console.test_opening import OPEN, do_jobs, order

pytestmark = pytest.mark.django_db
SITES = "/admin/console/sites"
WANG = {"username": "wangmin", "name": "王小敏", "role": "site_admin", "unit": "", "email": ""}


def _accounts(site: Subsite) -> list[str]:
    with in_site(site):
        return list(User.objects.values_list("username", flat=True))


def test_the_office_opens_an_account(office: Client, alpha: Subsite, beta: Subsite, client_for) -> None:
    answer = office.post(f"{SITES}/alpha/account/", WANG)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    (password,) = re.findall(r'id="initial-password">([^<]+)<', answer.content.decode())
    assert _accounts(alpha) == ["wangmin"]
    assert _accounts(beta) == []
    typed = {"username": "wangmin", "password": password, "next": "/admin/"}
    assert client_for(alpha).post("/admin/login/", typed).status_code == 302
    assert client_for(beta).post("/admin/login/", typed).status_code == 200
    line = LedgerEntry.objects.get(site_code="alpha", detail__account="wangmin")
    assert (line.action, line.actor["name"]) == ("site_changed", "王敏")
    page = office.get(f"{SITES}/alpha/").content.decode()
    assert "账号 wangmin（站点管理员）" in page
    assert password not in page
    assert "wangmin" not in office.get(f"{SITES}/beta/").content.decode()


def test_an_inspector_opens_none(office: Client, inspector: Client, alpha: Subsite, beta: Subsite) -> None:
    refused = inspector.post(f"{SITES}/alpha/account/", WANG)
    assert (refused.status_code, refused["Location"]) == (302, "/admin/")
    assert _accounts(alpha) == []
    assert f"{SITES}/alpha/account/" not in inspector.get(f"{SITES}/alpha/").content.decode()
    assert f"{SITES}/alpha/account/" in office.get(f"{SITES}/alpha/").content.decode()
    assert office.post(f"{SITES}/beta/account/", WANG).status_code == 200
    assert _accounts(beta) == ["wangmin"]


def test_a_refusal_stands_at_its_field(office: Client, alpha: Subsite, beta: Subsite) -> None:
    office.post(f"{SITES}/alpha/account/", WANG)
    for typed, field, sentence in (
        (WANG, "username", "已有用户名"),
        ({**WANG, "username": "王 敏"}, "username", "不合规"),
        ({**WANG, "role": "office"}, "role", ""),
    ):
        answer = office.post(f"{SITES}/alpha/account/", typed)
        assert sentence in answer.context["form"].errors[field][0]
        assert "initial-password" not in answer.content.decode()
    assert _accounts(alpha) == ["wangmin"]
    assert "initial-password" in office.post(f"{SITES}/beta/account/", WANG).content.decode()


def test_a_closed_site_and_the_console_offer_none(office: Client, alpha: Subsite, beta: Subsite) -> None:
    close_site(alpha, reason="整合")
    assert f"{SITES}/alpha/account/" not in office.get(f"{SITES}/alpha/").content.decode()
    assert "已永久下线" in office.post(f"{SITES}/alpha/account/", WANG).content.decode()
    assert office.get(f"{SITES}/console/account/").status_code == 404
    assert office.get(f"{SITES}/beta/account/").status_code == 200


def test_the_job_that_opened_a_site_leads_to_its_first_account(
    office: Client, inspector: Client, beta: Subsite
) -> None:
    assert office.post(OPEN, order()).status_code == 302
    do_jobs()
    job = Job.objects.get()
    link = f"{SITES}/{job.params['code']}/account/?role=site_admin"
    assert link in office.get(f"/admin/console/jobs/{job.pk}/").content.decode()
    assert link not in inspector.get(f"/admin/console/jobs/{job.pk}/").content.decode()
    assert office.get(link).context["form"]["role"].value() == "site_admin"
