"""repair_sites: what a half-born or half-restored site lacks is put right, and what nobody can put right is reported."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client, override_settings
from wagtail.models import Page

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.resources import triggers
from cluster.resources.models import Mark
from cluster.subsites.base_schemas import schema_exists
from cluster.subsites.errors import HalfRestored
from cluster.subsites.models import Domain, Subsite
from cluster.subsites.services import add_domain, repair_site
from sites.columns.models import ColumnPage, HomePage
from tests.support.articles import publish_article


def _repair() -> str:
    out = StringIO()
    call_command("repair_sites", stdout=out, stderr=StringIO())
    return out.getvalue()


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_whole_sites_are_left_as_they_are(alpha: Subsite, beta: Subsite) -> None:
    page = publish_article(alpha, "公告")
    Mark.objects.all().delete()
    assert _repair() == "全部站点完整\n"
    with in_site(alpha):
        assert ColumnPage.objects.get(code="dtyw").get_children().filter(pk=page.pk).exists()
    assert not Mark.objects.exists(), "a repair of nothing makes no work for the worker"


@pytest.mark.parametrize("empty", [False, True])
def test_a_row_without_schema_gets_one(
    empty: bool, alpha: Subsite, beta: Subsite, client_for: Callable[[Subsite], Client]
) -> None:
    _run("DROP SCHEMA site_alpha CASCADE")
    if empty:
        _run("CREATE SCHEMA site_alpha")
    assert _repair().splitlines() == ["alpha：重新建立了数据模式", "全部站点完整"]
    with in_site(alpha):
        assert HomePage.objects.get().title == alpha.name
    assert triggers.installed_digests()["site_alpha"] == triggers.schema_digest()
    assert client_for(alpha).get("/").status_code == 200
    assert _repair() == "全部站点完整\n"


def test_a_missing_domain_is_added(alpha: Subsite, beta: Subsite) -> None:
    Domain.objects.filter(tenant=alpha).delete()
    assert Client(HTTP_HOST="alpha.localhost").get("/").status_code == 404
    assert "alpha：补上了域名 alpha.localhost" in _repair()
    assert Client(HTTP_HOST="alpha.localhost").get("/").status_code == 200


def test_a_domain_that_is_taken_meanwhile_is_reported(alpha: Subsite, beta: Subsite) -> None:
    Domain.objects.filter(tenant=alpha).delete()
    add_domain(beta, "alpha.localhost")
    with pytest.raises(CommandError, match=r"alpha 修复失败：域名“alpha.localhost”已属于站点“beta”"):
        _repair()


def test_in_production_no_domain_is_invented(alpha: Subsite) -> None:
    Domain.objects.filter(tenant=alpha).delete()
    with (
        override_settings(ALLOW_LOCALHOST_DOMAINS=False),
        pytest.raises(CommandError, match="alpha 修复失败：正式环境"),
    ):
        _repair()


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TRIGGER qz_mark ON site_alpha.content_articlepage",
        "ALTER TABLE site_alpha.wagtailcore_page DISABLE TRIGGER qz_mark",
        "ALTER TABLE site_alpha.wagtaildocs_document DISABLE TRIGGER USER",
        "DROP TRIGGER qz_mark ON site_alpha.wagtailcore_collection",
    ],
)
def test_missing_and_disabled_triggers(damage: str, alpha: Subsite, beta: Subsite) -> None:
    Mark.objects.all().delete()
    _run(damage)
    assert "alpha：补上了变更触发器，并安排全站重新登记" in _repair()
    assert triggers.installed_digests()["site_alpha"] == triggers.schema_digest()
    assert list(Mark.objects.values_list("schema_name", "scope")) == [("site_alpha", "site")]
    assert _repair() == "全部站点完整\n"


def test_a_schema_without_a_row_is_reported_and_left_alone(alpha: Subsite, beta: Subsite) -> None:
    """Nobody but the administrator can know whether it is rubbish or the only copy of a site."""
    _run("CREATE SCHEMA site_gamma")
    Domain.objects.filter(tenant=beta).delete()
    with pytest.raises(CommandError, match="模式 site_gamma 没有站点记录"):
        _repair()
    assert schema_exists("site_gamma")
    assert Domain.objects.filter(tenant=beta).exists(), "the rest is repaired all the same"


def test_missing_tables_are_reported_and_the_rest_is_repaired(alpha: Subsite, beta: Subsite) -> None:
    _run("DROP TABLE site_alpha.content_articleattachment")
    Domain.objects.filter(tenant=beta).delete()
    with pytest.raises(CommandError, match=r"alpha 修复失败：.*content_articleattachment.*备份") as caught:
        _repair()
    assert "beta" not in str(caught.value)
    assert Domain.objects.filter(tenant=beta).exists()
    with pytest.raises(HalfRestored):
        repair_site(alpha)


def test_the_name_of_a_site_reaches_wagtail(alpha: Subsite) -> None:
    """Provisioning runs again in a repair: a host that changed in the record is told to Wagtail."""
    Domain.objects.filter(tenant=alpha).update(domain="jia.localhost")
    assert repair_site(Subsite.objects.get(pk=alpha.pk)) == []
    with in_site(alpha):
        assert HomePage.objects.get().page_ptr.full_url == "http://jia.localhost/"  # as Wagtail itself reads it


@pytest.mark.parametrize("root_left", [True, False])
def test_where_no_page_is_left_home_and_columns_are_planted_anew(
    root_left: bool, alpha: Subsite, beta: Subsite, client_for: Callable[[Subsite], Client]
) -> None:
    page = publish_article(beta, "乙市公告")
    with in_site(alpha):
        codes = set(ColumnPage.objects.values_list("code", flat=True))
        with opened(alpha):
            _run("TRUNCATE site_alpha.wagtailcore_page CASCADE")
        if root_left:
            Page.add_root(title="Root", slug="root", numchild=1)  # as a deletion by SQL leaves it
    assert _repair().splitlines() == ["alpha：页面全部缺失，重新建立了首页和栏目", "全部站点完整"]
    with in_site(alpha):
        assert HomePage.objects.get().title == alpha.name
        assert set(ColumnPage.objects.values_list("code", flat=True)) == codes
    assert client_for(alpha).get("/").status_code == 200
    assert _repair() == "全部站点完整\n"
    with in_site(beta):
        assert Page.objects.filter(pk=page.pk, live=True).exists()


def test_pages_without_a_home_page_are_reported_and_left_alone(alpha: Subsite, beta: Subsite) -> None:
    """Planting there would clear away the site's whole content."""
    page = publish_article(alpha, "公告")
    with opened(alpha):
        _run("DELETE FROM site_alpha.columns_homepage")
    with pytest.raises(CommandError, match=r"alpha 修复失败：模式 site_alpha 缺少首页.*备份") as caught:
        _repair()
    assert "beta" not in str(caught.value)
    with in_site(alpha):
        assert Page.objects.filter(pk=page.pk, live=True).exists()
    with in_site(beta):
        assert HomePage.objects.exists()
