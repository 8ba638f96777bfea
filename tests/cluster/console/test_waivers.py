"""Waivers from the asking to the end: the site asks, the office decides, the gate heeds it; and what is refused on the way."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from cluster.audit.models import LedgerEntry
from cluster.column_templates.current import site_law
from cluster.column_templates.models import Waiver
from cluster.column_templates.standing import standing_waivers
from cluster.column_templates.waivable import waivable_rules
from cluster.column_templates.waivers import end_expired
from cluster.findings.models import Finding
from cluster.subsites.models import Subsite
from tests.support.people import make_user, sign_in
from tests.support.waiving import waive

pytestmark = pytest.mark.django_db
WAIVERS = "/admin/console/waivers/"
ASK = "/admin/waivers/ask/zcwj/"


@pytest.fixture
def site_admin(alpha: Subsite, client_for: Any) -> Client:
    return sign_in(client_for(alpha), make_user(alpha, "site_admin", "赵刚"))


def a_rule(site: Subsite) -> str:
    column = site_law(site.kind).column("zcwj")
    return column.items[0].id


def in_days(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def test_a_site_asks_and_the_office_grants_until_a_day(
    alpha: Subsite, beta: Subsite, site_admin: Client, office: Client
) -> None:
    rule = a_rule(alpha)
    assert site_admin.post(ASK, {"rule": rule, "reason": "旧系统迁移，三个月内补齐"}).status_code == 302
    waiver = Waiver.objects.get()
    assert (waiver.site, waiver.column_code, waiver.rule_id, waiver.state) == (alpha, "zcwj", rule, "asked")
    assert waiver.asked_by["name"] == "赵刚"
    both = [alpha.pk, beta.pk]
    assert standing_waivers(both) == {}

    assert "旧系统迁移" in office.get(f"{WAIVERS}{waiver.pk}/").content.decode()
    late = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(-1)})
    assert "有效期应在今天之后" in late.context["form"].errors["expires_on"][0]
    missing = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": ""})
    assert "expires_on" in missing.context["form"].errors
    granted = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(90), "note": "同意"})
    assert granted.status_code == 302
    standing = standing_waivers(both)
    assert list(standing) == [alpha.pk]
    assert standing[alpha.pk].of("zcwj", rule).signer == "王敏"
    shown = site_admin.get("/admin/waivers/").content.decode()
    for told in ("政策文件", "必须填写来源", "旧系统迁移，三个月内补齐", "王敏", "同意", in_days(90)):
        assert told in shown
    assert (
        "赵刚"
        not in sign_in(Client(HTTP_HOST=beta.primary_host), make_user(beta)).get("/admin/waivers/").content.decode()
    )

    ended = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "end", "note": "已经补齐"})
    assert ended.status_code == 302
    assert standing_waivers(both) == {}
    lines = LedgerEntry.objects.filter(subject_type="waiver").order_by("id")
    assert [(line.action, line.actor["name"]) for line in lines] == [
        ("waiver_asked", "赵刚"),
        ("waiver_granted", "王敏"),
        ("waiver_ended", "王敏"),
    ]


def test_a_refusal_says_why_and_is_final(alpha: Subsite, site_admin: Client, office: Client) -> None:
    site_admin.post(ASK, {"rule": a_rule(alpha), "reason": "忙"})
    waiver = Waiver.objects.get()
    silent = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "refuse", "note": " "})
    assert "请写明原因" in silent.context["form"].errors["note"][0]
    assert office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "refuse", "note": "理由不足"}).status_code == 302
    again = office.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(9)})
    assert again.status_code == 200
    assert Waiver.objects.get().state == "refused"


def test_who_may_not(alpha: Subsite, site_admin: Client, editor: Client, inspector: Client) -> None:
    asking = {"rule": a_rule(alpha), "reason": "想省事"}
    for answer in (editor.get(ASK, follow=True), editor.post(ASK, asking, follow=True)):
        assert "由本网站的管理员" in answer.content.decode()
        assert "选规则" not in answer.content.decode()
    assert not Waiver.objects.exists()
    site_admin.post(ASK, asking)
    waiver = Waiver.objects.get()
    assert "想省事" in inspector.get(f"{WAIVERS}{waiver.pk}/").content.decode()
    inspector.post(f"{WAIVERS}{waiver.pk}/", {"decision": "grant", "expires_on": in_days(9)})
    assert Waiver.objects.get().state == "asked"
    assert site_admin.get(WAIVERS).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"reason": " "}, "reason", "必填"),
        ({"rule": "gibtesnicht"}, "rule", "选择"),
        ({"rule": "tzgg.update"}, "rule", "选择"),
        ({"rule": ""}, "rule", "请选择一条规则"),
        ({}, "rule", "正在等待审批"),
    ],
)
def test_bad_input_keeps_what_was_typed(
    alpha: Subsite, site_admin: Client, changes: dict[str, str], field: str, sentence: str
) -> None:
    good = {"rule": a_rule(alpha), "reason": "写了很久的理由"}
    if not changes:
        site_admin.post(ASK, good)
    answer = site_admin.post(ASK, {**good, **changes})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    if sentence != "必填":
        assert sentence in answer.context["form"].errors[field][0]
        assert "写了很久的理由" in answer.content.decode()


def test_a_waiver_ends_by_itself(alpha: Subsite) -> None:
    today = timezone.localdate()
    old = waive(alpha, "zcwj", days=-1)
    waive(alpha, "zcwj", "zcwj.x", days=0)
    standing = standing_waivers([alpha.pk])[alpha.pk]
    assert standing.of("zcwj", "zcwj.x").expires_on == today
    assert standing.of("zcwj", "zcwj.update") is None
    assert end_expired.run() is True
    assert end_expired.run() is False
    assert Waiver.objects.get(pk=old.pk).state == "ended"
    assert LedgerEntry.objects.get(action="waiver_ended", subject_id=str(old.pk)).actor["name"] == "豁免到期"


def test_the_form_offers_every_rule_of_the_column_and_of_the_site(
    alpha: Subsite, site_admin: Client, office: Client
) -> None:
    to_column = site_admin.get("/admin/waivers/", {"column": "zcwj"})
    assert to_column["Location"] == ASK
    assert site_admin.get("/admin/waivers/", {"column": ""})["Location"] == "/admin/waivers/ask/"
    page = site_admin.get(f"{ASK}?rule=zcwj.update")
    offered = {value for _, rules in page.context["form"].fields["rule"].choices for value, _ in rules}
    column = site_law(alpha.kind).column("zcwj")
    assert {"all", "zcwj.update", "zcwj.least", "zcwj.depth"} <= offered
    assert {rule.id for rule in (*column.items, *column.companions)} <= offered
    assert {"R03", "R04", "R05", "R08", "R10", "R11", "R16", "R17", "R18", "R19", "R20"} <= offered
    assert not {"R02", "R09"} & offered
    # R03 asks for something new in 政策文件, not in every column below it.
    below = {one.rule_id for one in waivable_rules(site_law(alpha.kind), "zfwj")}
    assert {"R04", "R16"} <= below
    assert "R03" not in below
    text = page.content.decode()
    for words in ("更新期限：180天内更新", "每条信息", "R16 目录要素"):
        assert words in text
    whole_site = [one.rule_id for one in waivable_rules(site_law(alpha.kind), "")]
    assert whole_site == [
        "R02", "R03", "R04", "R05", "R08", "R09", "R10", "R11", "R16", "R17", "R18", "R19", "R20",
    ]  # fmt: skip
    assert site_admin.post("/admin/waivers/ask/", {"rule": "R02", "reason": "改版"}).status_code == 302
    asked = Waiver.objects.get()
    assert (asked.column_code, asked.rule_id) == ("", "R02")
    assert "整个网站" in site_admin.get("/admin/waivers/").content.decode()
    assert "R02 首页更新" in office.get(f"{WAIVERS}{asked.pk}/").content.decode()
    assert site_admin.get("/admin/waivers/ask/nowhere/").status_code == 404


def test_all_rules_of_a_column_are_asked_for_in_one(alpha: Subsite, site_admin: Client) -> None:
    assert site_admin.post(ASK, {"rule": "all", "reason": "整合"}).status_code == 302
    assert Waiver.objects.get().rule_id == ""
    assert "本栏目的全部规则" in site_admin.get("/admin/waivers/").content.decode()


def test_the_consoles_list_is_filtered_ordered_and_exported(alpha: Subsite, beta: Subsite, office: Client) -> None:
    granted = waive(alpha, "zcwj", "zcwj.update", reason="机构改革")
    asked = Waiver.objects.create(site=beta, column_code="tzgg", reason="整合")
    assert [row.pk for row in office.get(WAIVERS).context["object_list"]] == [asked.pk, granted.pk]
    for query, found in (("?state=granted", [granted]), ("?kind=city", [asked]), ("?region=230184", [granted])):
        assert list(office.get(WAIVERS + query).context["object_list"]) == found
    text = office.get(f"{WAIVERS}?export=csv").getvalue().decode("utf-8-sig")
    for told in ("政策文件", "更新期限：180天内更新", "机构改革", "王敏", in_days(30), "签批人"):
        assert told in text
    book = openpyxl.load_workbook(BytesIO(office.get(f"{WAIVERS}?export=xlsx&state=granted").getvalue())).active
    assert book.max_row == 2
    assert "王敏" in [cell.value for cell in book[2]]


def test_findings_are_listed_in_the_console_and_at_home(
    alpha: Subsite, beta: Subsite, office: Client, site_admin: Client, client_for: Any
) -> None:
    verdict = {"rule_id": "tzgg.x", "sentence": "被改空了。", "basis": "", "cure": "请补上。"}
    Finding.objects.create(site=alpha, page_id=1, title="被撤下的", kind="taken_off", verdicts=[verdict])
    assert "被改空了" in office.get("/admin/console/findings/").content.decode()
    assert "被撤下的" in site_admin.get("/admin/").content.decode()
    assert "被撤下的" not in sign_in(client_for(beta), make_user(beta)).get("/admin/").content.decode()
