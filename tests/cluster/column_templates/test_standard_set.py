"""The shipped texts: the standard set for all kinds, as the norms and the portals that the product replaces have it."""

from types import SimpleNamespace

import pytest

from cluster.column_templates.current import shipped_law
from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.vocabulary import ItemField, Severity
from cluster.inspection.reach import Reach
from cluster.subsites.models import SiteKind

KINDS = [kind for kind in SiteKind.values if kind != SiteKind.CONSOLE]
# Named on the portal of the province before ours.
NAMED = [
    "全省概况",
    "省政府机构",
    "龙江动态",
    "政务动态",
    "厅局动态",
    "地市动态",
    "法律法规",
    "政府文件",
    "省长信箱",
    "投诉举报",
    "网上听政及政务访谈",
    "服务指南",
    "网上办事",
    "表格下载",
    "网上调查",
    "留言板",
    "站内检索",
    "服务导航",
]
# Named by the other portals that were looked at, on the province and on every city.
ELSEWHERE = {
    "最新文件", "公告公示", "重点工程", "重大决策", "投资环境", "重要讲话", "其他法定信息", "办事统计", "留言统计",
    "政府在线", "网上议事", "网上听证", "意见征集", "市民月·献计策", "效能投诉", "行政复议申请", "建议提案办理",
}  # fmt: skip
ZONES = {"政务信息", "办事服务", "互动交流", "应用功能", "服务导航"}
LIMITS = {"dtyw": 14, "zwdt": 14, "tzgg": 180, "zcwj": 180, "zcjd": 180, "yjzj": 60, "jgzn": 365}


def columns(kind: str) -> dict[str, ColumnLaw]:
    """Return the shipped columns of a kind by code."""
    return dict(shipped_law().of(kind).by_code)


def test_the_province_has_its_zones_and_named_columns() -> None:
    names = {column.name for column in columns("province").values()}
    assert len(columns("province")) >= 50
    assert names >= ZONES
    assert [name for name in NAMED if name not in names] == []


@pytest.mark.parametrize("kind", ["province", "city"])
def test_what_other_portals_name_is_there(kind: str) -> None:
    assert ELSEWHERE - {column.name for column in columns(kind).values()} == set()


def test_the_console_has_no_columns() -> None:
    assert shipped_law().of("console").columns == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_says_who_answers_and_on_which_basis(kind: str) -> None:
    for column in columns(kind).values():
        assert all((column.unit, column.reviewer, column.basis, column.column_type, column.keywords)), column.code
        assert column.body or column.limit or column.column_class == "static", column.code


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_names_its_source(kind: str) -> None:
    for column in columns(kind).values():
        wanted = "" if column.fed_by else "refusal"
        found = [rule.severity for rule in column.items if (rule.field, rule.check) == ("source", "required")]
        assert "".join(found) == wanted, column.code


@pytest.mark.parametrize("kind", KINDS)
def test_limits_are_those_of_the_indicators(kind: str) -> None:
    """Each with a margin of warning; the fifth indicator counts days, not working days."""
    found = {code: column.update for code, column in columns(kind).items() if code in LIMITS}
    assert len(found) >= 5
    for code, limit in found.items():
        assert limit
        assert (limit.within, limit.unit) == (LIMITS[code], "days")
        assert 0 < limit.warn < limit.within


@pytest.mark.parametrize("kind", ["province", "city", "county", "department"])
def test_yearly_reports_are_due_on_their_day(kind: str) -> None:
    """Regulation on disclosure §49: departments by 31 January, governments by 31 March; the site's own report on 31 January."""
    found = columns(kind)
    report, sheet = found["xxgknb"].due, found["wznb"].due
    assert report
    assert sheet
    assert (report.month, report.day) == ((1, 31) if kind == "department" else (3, 31))
    assert (sheet.month, sheet.day) == (1, 31)
    assert report.warn == sheet.warn == 30


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_interpreted_within_three_working_days(kind: str) -> None:
    documents, interpretations = columns(kind)["zcwj"], columns(kind)["zcjd"]
    assert documents.takes[0] == "policy_document"
    assert interpretations.takes[0] == "interpretation"
    (rule,) = documents.companions
    assert (rule.companion, rule.within, rule.unit) == ("interpretation", 3, "workdays")
    fields = {rule.field for rule in documents.items}
    asked = ("document_number", "document_kind", "issuer", "written_on", "index_number", "theme", "validity", "source")
    assert {ItemField(field).value for field in asked} <= fields


@pytest.mark.parametrize("kind", ["province", "city", "county", "department"])
def test_disclosure_has_its_five_parts_and_its_catalogue(kind: str) -> None:
    found = columns(kind)
    assert {"xxgkzn", "xxgkzd", "fdzdgk", "xxgknb", "ysqgk"} <= set(found)
    catalogue = {code for code, column in found.items() if column.parent == "fdzdgk"}
    assert len(catalogue) >= (7 if kind == "department" else 11)
    assert ({"szgy", "tdzs", "shjz"} <= catalogue) == (kind in {"city", "county"})


def test_bodies_have_what_they_do_for_their_members() -> None:
    """Party, unions, youth and women publish beside the government, and have no disclosure platform of their own."""
    found = columns("body")
    assert {"djgz", "dwgk", "zthd", "xjdx", "wqfw", "jzbf"} <= set(found)
    assert "xxgk" not in found


def test_one_code_has_one_name_but_where_a_kind_says_so() -> None:
    """A uniform name is what the office supervises; a kind that departs from it does so in its own text."""
    names: dict[str, set[str]] = {}
    for kind in KINDS:
        for code, column in columns(kind).items():
            names.setdefault(code, set()).add(column.name)
    differing = {code for code, found in names.items() if len(found) > 1}
    assert differing <= {"gk", "zc", "ldxj", "zfjg", "zxft", "bsfw"}


@pytest.mark.parametrize("kind", KINDS)
def test_home_pages_name_columns_of_their_kind(kind: str) -> None:
    law = shipped_law().of(kind)
    named = {block[word] for block in law.home for word in ("column", "action_column") if word in block}
    assert named
    assert named <= set(law.by_code)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_within_its_clicks_of_the_home_page(kind: str):
    law = shipped_law()
    planted = {
        column.code: SimpleNamespace(
            parent_code=column.parent, live=True, restricted=False, in_menu=column.menu, fed_by=column.fed_by
        )
        for column in law.of(kind).columns
    }
    site = SimpleNamespace(pk=1, kind=kind)
    facts = SimpleNamespace(moment=SimpleNamespace(law=law), records={1: planted}, homes={})
    clicks = Reach(site, facts).clicks()
    far = {
        column.name: clicks.get(column.code)
        for column in law.of(kind).columns
        if clicks.get(column.code, 99) > column.depth
    }
    assert far == {}


def test_what_the_norm_fails_a_site_for_is_a_veto() -> None:
    """国办秘函〔2019〕19号: no services, no way to ask; departments without services are exempt, bodies are not measured by it."""
    vetoes = {
        kind: {column.code for column in shipped_law().of(kind).columns if column.severity == Severity.VETO}
        for kind in ("province", "city", "county", "department", "body")
    }
    assert vetoes == {
        **{kind: {"bsfw", "hdjl"} for kind in ("province", "city", "county")},
        "department": {"hdjl"},
        "body": set(),
    }
