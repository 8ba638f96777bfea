"""Waivers from the asking to the end: the site asks, the office decides, the gate heeds it; and what is refused on the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cluster.audit.models import LedgerEntry
from cluster.column_templates.current import site_law
from cluster.column_templates.models import Waiver
from cluster.column_templates.waivers import end_expired
from cluster.findings.models import Finding
from cluster.subsites.models import Subsite
from sites.common.gate.examining import waivers_of
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db
WAIVERS = "/admin/console/waivers/"


@pytest.fixture
def site_admin(alpha: Subsite, client_for: Any) -> Client:
    return sign_in(client_for(alpha), make_user(alpha, "site_admin", "赵刚"))


def a_rule(site: Subsite) -> str:
    column = site_law(site.kind).column("zcwj")
    return f"zcwj|{column.items[0].id}"


def in_days(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def test_a_site_asks_and_the_office_grants_until_a_day(
    alpha: Subsite, beta: Subsite, site_admin: Client, office: Client
) -> None:
    rule = a_rule(alpha)
    assert site_admin.post("/admin/waivers/", {"rule": rule, "reason": "旧系统迁移，三个月内补齐"}).status_code == 302
    waiver = Waiver.objects.get()
    assert (waiver.site, f"{waiver.column_code}|{waiver.rule_id}", waiver.state) == (alpha, rule, "asked")
    assert waiver.asked_by["name"] == "赵刚"
    today = timezone.localdate()
    assert not waivers_of(alpha, today)

    assert "旧系统迁移" in office.get(f"{WAIVERS}{waiver.pk}/").content.decode()
    late = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(-1)})
    assert "有效期应在今天之后" in late.context["form"].errors["expires_on"][0]
    missing = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": ""})
    assert "expires_on" in missing.context["form"].errors
    granted = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(90), "note": "同意"})
    assert granted.status_code == 302
    assert waivers_of(alpha, today) == {("zcwj", waiver.rule_id)}
    assert not waivers_of(beta, today)
    assert "王敏：同意" in site_admin.get("/admin/waivers/").content.decode()
    assert (
        "赵刚"
        not in sign_in(Client(HTTP_HOST=beta.primary_host), make_user(beta)).get("/admin/waivers/").content.decode()
    )

    ended = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "end", "note": "已经补齐"})
    assert ended.status_code == 302
    assert not waivers_of(alpha, today)
    lines = LedgerEntry.objects.filter(subject_type="waiver").order_by("id")
    assert [(line.action, line.actor["name"]) for line in lines] == [
        ("waiver_asked", "赵刚"),
        ("waiver_granted", "王敏"),
        ("waiver_ended", "王敏"),
    ]


def test_a_refusal_says_why_and_is_final(alpha: Subsite, site_admin: Client, office: Client) -> None:
    site_admin.post("/admin/waivers/", {"rule": a_rule(alpha), "reason": "忙"})
    waiver = Waiver.objects.get()
    silent = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "refuse", "note": " "})
    assert "请写明原因" in silent.context["form"].errors["note"][0]
    assert office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "refuse", "note": "理由不足"}).status_code == 302
    again = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(9)})
    assert again.status_code == 200
    assert Waiver.objects.get().state == "refused"


def test_who_may_not(alpha: Subsite, site_admin: Client, editor: Client, inspector: Client) -> None:
    asking = {"rule": a_rule(alpha), "reason": "想省事"}
    assert "由本网站的管理员" in editor.post("/admin/waivers/", asking, follow=True).content.decode()
    assert not Waiver.objects.exists()
    site_admin.post("/admin/waivers/", asking)
    waiver = Waiver.objects.get()
    assert "想省事" in inspector.get(f"{WAIVERS}{waiver.pk}/").content.decode()
    inspector.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(9)})
    assert Waiver.objects.get().state == "asked"
    assert site_admin.get(WAIVERS).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [({"reason": " "}, "reason", "必填"), ({"rule": "gibtesnicht|"}, "rule", "选择"), ({}, "rule", "正在等待审批")],
)
def test_bad_input_keeps_what_was_typed(
    alpha: Subsite, site_admin: Client, changes: dict[str, str], field: str, sentence: str
) -> None:
    good = {"rule": a_rule(alpha), "reason": "写了很久的理由"}
    if not changes:
        site_admin.post("/admin/waivers/", good)
    answer = site_admin.post("/admin/waivers/", {**good, **changes})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    if sentence != "必填":
        assert sentence in answer.context["form"].errors[field][0]
        assert "写了很久的理由" in answer.content.decode()


def test_a_waiver_ends_by_itself(alpha: Subsite) -> None:
    today = timezone.localdate()
    signed = {"column_code": "zcwj", "reason": "历史", "signer": {"name": "王敏"}, "state": "granted"}
    old = Waiver.objects.create(site=alpha, expires_on=today - timedelta(days=1), rule_id="", **signed)
    Waiver.objects.create(site=alpha, expires_on=today, rule_id="zcwj.x", **signed)
    assert waivers_of(alpha, today) == {("zcwj", "zcwj.x")}
    assert end_expired.run() is True
    assert end_expired.run() is False
    assert Waiver.objects.get(pk=old.pk).state == "ended"
    assert LedgerEntry.objects.get(action="waiver_ended", subject_id=str(old.pk)).actor["name"] == "豁免到期"


def test_findings_are_listed_in_the_console_and_at_home(
    alpha: Subsite, beta: Subsite, office: Client, site_admin: Client, client_for: Any
) -> None:
    verdict = {"rule_id": "tzgg.x", "sentence": "被改空了。", "basis": "", "cure": "请补上。"}
    Finding.objects.create(site=alpha, page_id=1, title="被撤下的", kind="taken_off", verdicts=[verdict])
    assert "被改空了" in office.get("/admin/console/findings/").content.decode()
    assert "被撤下的" in site_admin.get("/admin/").content.decode()
    assert "被撤下的" not in sign_in(client_for(beta), make_user(beta)).get("/admin/").content.decode()
