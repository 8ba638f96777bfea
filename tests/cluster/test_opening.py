"""Opening a site: by clone, whole or not at all, once, for every kind."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client, override_settings
from wagtail.models import Site

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.resources import triggers
from cluster.subsites.base_schemas import base_site, schema_exists
from cluster.subsites.errors import BaseSchemaMissing, InvalidSite, SiteError, SiteExists
from cluster.subsites.models import Domain, SiteKind, SiteState, Subsite
from cluster.subsites.services import add_domain, close_site, open_site
from sites.columns.models import ColumnPage, HomePage
from sites.columns.planting.plan import site_plan
from sites.content.models import ArticlePage
from tests.support.orders import NOTHING, ORDER, WHOLE, trace_of

KINDS = [kind for kind in SiteKind.values if kind != SiteKind.CONSOLE]


# ---- what a new site has


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_born_with_its_columns(kind: str, client_for: Callable[[Subsite], Client]) -> None:
    with acting_as(name="张三", reason="省政府办公厅批复"):
        site = open_site(**{**ORDER, "kind": kind})
    assert (site.schema_name, site.state, site.primary_host) == ("site_gamma", "open", "gamma.localhost")
    assert site.organizer == ORDER["name"]
    with in_site(site):
        assert set(ColumnPage.objects.live().values_list("code", flat=True)) == {
            c.code for c in site_plan(kind).columns
        }
        assert HomePage.objects.get().title == site.name
        row = Site.objects.get()
        assert (row.hostname, row.site_name, row.is_default_site) == ("gamma.localhost", site.name, True)
        assert set(Group.objects.values_list("name", flat=True)) >= {"site_admin", "editor", "publisher", "letters"}
    assert triggers.installed_digests()[site.schema_name] == triggers.schema_digest()
    line = LedgerEntry.objects.filter(site_code="gamma", action="site_registered").get()
    assert (line.actor["name"], line.reason, line.detail["kind"]) == ("张三", "省政府办公厅批复", kind)
    assert client_for(site).get("/").status_code == 200


@pytest.mark.django_db
def test_a_second_console_has_the_consoles_groups() -> None:
    site = open_site(code="console2", name="备用控制台", kind="console")
    with in_site(site):
        assert set(Group.objects.values_list("name", flat=True)) == {"office", "inspector"}


def _counts(schema_name: str) -> dict[str, int]:
    """Return how much of each kind of thing a schema holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT 'relations ' || relkind::text, count(*) FROM pg_class WHERE relnamespace = %(s)s::regnamespace GROUP BY relkind
               UNION ALL SELECT 'constraints ' || contype::text, count(*) FROM pg_constraint
                 WHERE connamespace = %(s)s::regnamespace GROUP BY contype
               UNION ALL SELECT 'triggers', count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                 WHERE c.relnamespace = %(s)s::regnamespace AND NOT t.tgisinternal""",
            {"s": schema_name},
        )
        counts = dict(cursor.fetchall())
        cursor.execute(f'SELECT count(*) FROM "{schema_name}".django_migrations')
        counts["migrations"] = cursor.fetchone()[0]
    return counts


@pytest.mark.django_db
def test_a_clone_equals_its_mould_and_points_at_nothing_of_it() -> None:
    site = open_site(**ORDER)
    assert _counts(site.schema_name) == _counts("base_county")
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conname FROM pg_constraint k JOIN pg_class target ON target.oid = k.confrelid
               WHERE k.connamespace = 'site_gamma'::regnamespace AND target.relnamespace <> 'site_gamma'::regnamespace"""
        )
        assert cursor.fetchall() == []
        cursor.execute(
            """SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
               WHERE c.relnamespace = 'site_gamma'::regnamespace AND pg_get_expr(d.adbin, d.adrelid) LIKE '%%base\\_%%'"""
        )
        assert cursor.fetchall() == []


def test_what_happens_in_the_new_site_stays_there(alpha: Subsite) -> None:
    """New rows take the clone's own sequences, and the mould stays as it was."""
    before = _counts("base_county"), _pages("base_county"), _pages(alpha.schema_name)
    site = open_site(**ORDER)
    with in_site(site):
        ColumnPage.objects.get(code="dtyw").add_child(instance=ArticlePage(title="新页面", slug="xin", source="丙县"))
    assert (_counts("base_county"), _pages("base_county"), _pages(alpha.schema_name)) == before
    assert _pages("site_gamma") == _pages("base_county") + 1


def _pages(schema_name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{schema_name}".wagtailcore_page')
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "opened"), [("preparing", False), ("trial", True), ("open", True)])
def test_a_site_may_begin_in_these_states(state: str, opened: bool) -> None:
    site = open_site(**ORDER, state=state)
    assert (site.state, site.opened_at is not None) == (state, opened)


@pytest.mark.django_db
def test_a_department_under_its_portal_in_production() -> None:
    with override_settings(ALLOW_LOCALHOST_DOMAINS=False):
        portal = open_site(
            code="hlj", name="黑龙江省人民政府", kind="province", region_code="230000", domain="www.hlj.gov.cn"
        )
        order = {"code": "jyt", "name": "省教育厅", "kind": "department", "region_code": "230000", "parent_code": "hlj"}
        with pytest.raises(InvalidSite, match=r"○○○\.hlj\.gov\.cn"):
            open_site(**order, domain="jyt.harbin.gov.cn")
        site = open_site(**order, domain="JYT.hlj.gov.cn")
    assert (site.parent, site.primary_host) == (portal, "jyt.hlj.gov.cn")


# ---- refusals: one sentence with a cure, and nothing left behind

REFUSED: list[tuple[dict[str, str], type[SiteError], str]] = [
    ({"code": "alpha"}, SiteExists, "代码“alpha”已被使用.*list_sites"),
    ({"domain": "alpha.localhost"}, SiteExists, "域名“alpha.localhost”已属于站点“alpha”"),
    ({"domain": "ALPHA.localhost."}, SiteExists, "域名“alpha.localhost”已属于站点“alpha”"),
    ({"id_code": "2301840001", "region_code": "230184"}, SiteExists, "标识码“2301840001”已被其他站点使用"),
    ({"region_code": "999999"}, InvalidSite, "行政区划代码“999999”不存在"),
    ({"region_code": ""}, InvalidSite, "行政区划代码“”不存在"),
    ({"id_code": "2302000009"}, InvalidSite, "前6位应与行政区划代码 230183"),
    ({"kind": "town"}, InvalidSite, "类别“town”不存在"),
    ({"parent_code": "nobody"}, InvalidSite, "上级站点“nobody”不存在"),
    ({"state": "closed"}, InvalidSite, "新站点的状态"),
    ({"state": "suspended"}, InvalidSite, "新站点的状态"),
    ({"code": "www"}, InvalidSite, "保留字"),
    ({"code": "console", "domain": "c.localhost"}, InvalidSite, "只用于管理控制台"),
    ({"name": "丙县\x00"}, InvalidSite, "网站名称"),
    ({"domain": "gamma.com"}, InvalidSite, "应以 .gov.cn"),
    ({"organizer": "厅" * 121}, InvalidSite, "主办单位"),
]


@pytest.mark.parametrize(("fields", "error", "sentence"), REFUSED)
def test_refusals_leave_nothing(fields: dict[str, str], error: type[SiteError], sentence: str, alpha: Subsite) -> None:
    before = Subsite.objects.count(), Domain.objects.count(), LedgerEntry.objects.count()
    with pytest.raises(error, match=sentence):
        open_site(**{**ORDER, **fields})
    assert (Subsite.objects.count(), Domain.objects.count(), LedgerEntry.objects.count()) == before
    assert not schema_exists("site_gamma")


def test_the_same_order_twice(alpha: Subsite) -> None:
    open_site(**ORDER)
    with pytest.raises(SiteExists, match="代码“gamma”已被使用"):
        open_site(**ORDER)
    assert trace_of("gamma") == WHOLE


@pytest.mark.django_db
def test_without_its_mould_a_site_is_not_opened() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA base_county CASCADE")
    with pytest.raises(BaseSchemaMissing, match="migrate_cluster"):
        open_site(**ORDER)
    assert trace_of("gamma") == NOTHING
    assert open_site(**{**ORDER, "kind": "city"}).kind == "city"


@pytest.mark.django_db
def test_a_schema_without_a_row_is_not_adopted() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA site_gamma")
    with pytest.raises(SiteExists, match="repair_sites"):
        open_site(**ORDER)
    assert trace_of("gamma") == {"rows": 0, "domains": 0, "schema": True}


def test_further_domains(alpha: Subsite, beta: Subsite) -> None:
    add_domain(alpha, "jia.localhost")
    assert add_domain(alpha, "JIA.localhost.").domain == "jia.localhost"  # again: the same row
    with pytest.raises(SiteExists, match="已属于站点“alpha”"):
        add_domain(beta, "jia.localhost")
    with pytest.raises(InvalidSite):
        add_domain(alpha, "jia.com")
    assert Subsite.objects.get(code="alpha").primary_host == "alpha.localhost"


@pytest.mark.django_db
def test_the_mould_stands_for_no_site() -> None:
    mould = base_site("county")
    assert (mould.pk, mould.schema_name, mould.state) == (None, "base_county", SiteState.PREPARING)


def test_without_a_parent_the_region_says_which(alpha: Subsite, beta: Subsite) -> None:
    """A county goes to its city, or else to the province; what is named is taken, and a closed site is nobody's parent."""
    first = open_site(code="gamma", name="丙区", kind="county", region_code="230202")
    assert first.parent == beta
    assert alpha.parent is None, "neither its city nor the province has a site"
    province = open_site(code="sheng", name="黑龙江省人民政府", kind="province", region_code="230000")
    assert province.parent is None
    assert open_site(code="delta", name="丁县", kind="county", region_code="230183").parent == province
    assert open_site(code="shi", name="戊市", kind="city", region_code="230300").parent == province
    assert open_site(code="ju", name="己局", kind="department", region_code="230200").parent == beta
    named = open_site(code="geng", name="庚区", kind="county", region_code="230203", parent_code="sheng")
    assert named.parent == province
    close_site(beta, reason="整合")
    assert open_site(code="xin", name="辛区", kind="county", region_code="230204").parent == province
