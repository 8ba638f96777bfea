"""The record of a site and its hosts: what the office writes shows in the footer of that site, and in no other."""

from typing import Any

import pytest
from django.test import Client

from cluster.audit.models import LedgerEntry
from cluster.subsites.errors import InvalidSite
from cluster.subsites.models import Domain, Subsite
from cluster.subsites.record import RECORD_FIELDS, describe_site, missing_facts

pytestmark = pytest.mark.django_db
SITES = "/admin/console/sites"
GOOD = {
    "organizer": "甲县人民政府办公室",
    "undertaker": "甲县大数据中心",
    "phone": "0451-53500000",
    "email": "office@example.com",
    "postcode": "150200",
    "icp": "黑ICP备05001234号-1",
    "police_record": "黑公网安备23018402000001号",
    "id_code": "2301840001",
    "mark_kind": "red",
    "mark_url": "https://bszs.conac.cn/sitename?method=show&id=1",
}


def test_the_record_shows_in_the_footer_of_its_site(office: Client, alpha: Subsite, beta: Subsite, client_for) -> None:
    assert office.post(f"{SITES}/alpha/record/", GOOD).status_code == 302
    footer = client_for(alpha).get("/").content.decode()
    for shown in ("甲县人民政府办公室", "0451-53500000", "黑ICP备05001234号-1", "黑公网安备23018402000001号"):
        assert shown in footer
    assert "甲县人民政府办公室" not in client_for(beta).get("/").content.decode()
    line = LedgerEntry.objects.filter(site_code="alpha", action="site_changed").latest("id")
    assert line.actor["name"] == "王敏"
    assert line.detail["icp"] == ["", "黑ICP备05001234号-1"]
    assert "ICP备案号：黑ICP备05001234号-1" in office.get("/admin/console/ledger/?site_code=alpha").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("postcode", "15020", "6位"),
        ("phone", "不详", "0451"),
        ("icp", "ICP05001234", "黑ICP备"),
        ("police_record", "23018402000001", "黑公网安备"),
        ("id_code", "2302000001", "前6位"),
        ("id_code", "12", "10位"),
        ("email", "无", ""),
        ("mark_url", "无", ""),
        ("mark_url", "https://bszs.conac.cn.example.com/sitename?id=1", "编制部门"),
        ("mark_url", "https://www.example.com/?https://bszs.conac.cn/sitename?id=1", "编制部门"),
        ("mark_url", "https://user@bszs.conac.cn/sitename?id=1", "编制部门"),
        ("mark_url", "https://bszs.conac.cn:8443/sitename?id=1", "编制部门"),
        ("mark_url", "https://bszs.conac.cn/", "编制部门"),
        ("mark_url", "ftp://bszs.conac.cn/sitename?id=1", "编制部门"),
        ("organizer", "长" * 121, ""),
    ],
)
def test_bad_values_are_told_at_the_field_and_kept(
    office: Client, alpha: Subsite, field: str, value: str, word: str
) -> None:
    answer = office.post(f"{SITES}/alpha/record/", {**GOOD, field: value})
    assert list(answer.context["form"].errors) == [field]
    assert word in answer.context["form"].errors[field][0]
    page = answer.content.decode()
    assert f'value="{value}"' in page
    assert f'value="{GOOD["undertaker"]}"' in page
    assert Subsite.objects.get(code="alpha").undertaker == ""
    assert office.post(f"{SITES}/alpha/record/", GOOD).status_code == 302


@pytest.mark.parametrize("url", [GOOD["mark_url"], "http://bszs.conac.cn/sitename?method=show&id=0A1", ""])
def test_the_marks_own_addresses_are_taken(office: Client, alpha: Subsite, url: str) -> None:
    assert office.post(f"{SITES}/alpha/record/", {**GOOD, "mark_url": url}).status_code == 302
    assert Subsite.objects.get(code="alpha").mark_url == url


def test_a_mark_of_a_stranger_is_refused_on_every_road(alpha: Subsite) -> None:
    with pytest.raises(InvalidSite, match="编制部门"):
        describe_site(alpha, {"mark_url": "javascript:alert(1)//bszs.conac.cn/sitename?id=1"})
    describe_site(alpha, {"mark_url": GOOD["mark_url"]})
    assert Subsite.objects.get(code="alpha").mark_url == GOOD["mark_url"]


def test_the_sites_page_lists_what_its_footer_still_lacks(
    office: Client, inspector: Client, alpha: Subsite, beta: Subsite
) -> None:
    labels = ["承办单位", "联系电话", "ICP备案号", "公安备案号", "网站标识链接"]
    assert missing_facts(alpha) == labels
    Subsite.objects.filter(code="beta").update(id_code="", organizer="")
    for code, missing in (("alpha", labels), ("beta", ["主办单位", *labels[:2], "网站标识码", *labels[2:]])):
        page = office.get(f"{SITES}/{code}/")
        assert page.context["missing"] == missing
        assert f"待补全</span> {'、'.join(missing)}" in page.content.decode()
    # The inspector reads what is missing; filling it in is the office's.
    page = inspector.get(f"{SITES}/alpha/").content.decode()
    assert "待补全" in page
    assert "去填写" not in page
    assert office.post(f"{SITES}/alpha/record/", {**GOOD, "icp": ""}).status_code == 302
    assert office.get(f"{SITES}/alpha/").context["missing"] == ["ICP备案号"]
    assert office.post(f"{SITES}/alpha/record/", GOOD).status_code == 302
    assert "待补全" not in office.get(f"{SITES}/alpha/").content.decode()
    assert "待补全" in office.get(f"{SITES}/beta/").content.decode()


def test_the_code_of_another_site_is_refused(office: Client, alpha: Subsite, beta: Subsite) -> None:
    Subsite.objects.filter(code="beta").update(id_code="2301840002")
    answer = office.post(f"{SITES}/alpha/record/", {**GOOD, "id_code": "2301840002"})
    assert "其他站点" in answer.context["form"].errors["id_code"][0]


def test_saving_the_record_keeps_a_state_that_changed_meanwhile(alpha: Subsite) -> None:
    Subsite.objects.filter(code="alpha").update(state="suspended")
    describe_site(alpha, {"phone": "0451-53500001"})  # alpha was read before
    now = Subsite.objects.get(code="alpha")
    assert (now.state, now.phone) == ("suspended", "0451-53500001")
    with pytest.raises(InvalidSite):
        describe_site(alpha, {"phone": "x"})


def test_every_field_of_the_record_is_on_the_form(office: Client, alpha: Subsite) -> None:
    fields: dict[str, Any] = office.get(f"{SITES}/alpha/record/").context["form"].fields
    assert tuple(fields) == RECORD_FIELDS


def test_a_further_host_leads_to_the_site(office: Client, alpha: Subsite, client) -> None:
    assert client.get("/", headers={"host": "jia.localhost"}).status_code == 404
    assert office.post(f"{SITES}/alpha/domains/", {"domain": "JIA.localhost"}).status_code == 302
    assert client.get("/", headers={"host": "jia.localhost"}).status_code == 200
    assert Domain.objects.get(domain="jia.localhost").is_primary is False
    assert Subsite.objects.get(code="alpha").primary_host == "alpha.localhost"


@pytest.mark.parametrize(
    ("domain", "word"),
    [("beta.localhost", "已属于站点“beta”"), ("www.example.com", "gov.cn"), ("a b", "不合规"), ("\x00", "")],
)
def test_bad_hosts_are_refused_at_the_field(
    office: Client, alpha: Subsite, beta: Subsite, domain: str, word: str
) -> None:
    answer = office.post(f"{SITES}/alpha/domains/", {"domain": domain})
    assert word in answer.context["form"].errors["domain"][0]
    assert Domain.objects.filter(tenant=alpha).count() == 1
    assert office.post(f"{SITES}/alpha/domains/", {"domain": "jia.localhost"}).status_code == 302
