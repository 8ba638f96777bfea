"""Counts and addresses that the owner changed by SQL are found and put right; addresses that were in use meanwhile lead on."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from cluster.column_templates.current import forget
from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage, HomePage
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column

WHOLE = "栏目结构和触发器全部完好\n"


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> None:
    """A law remembered for a second is another test's."""
    forget()


def check(*arguments: str) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("check_columns", *arguments, stdout=out)
    return out.getvalue()


def tree(site: Subsite) -> list[tuple[Any, ...]]:
    with in_site(site):
        return list(
            Page.objects.order_by("path").values_list("path", "slug", "url_path", "numchild", "seo_title", "title")
        )


def write(site: Subsite, page_id: int, **values: Any) -> None:
    """Write around everything, as the owner role can."""
    with in_site(site), opened(site):
        Page.objects.filter(pk=page_id).update(**values)


@pytest.mark.parametrize("of_home", [True, False], ids=["home", "column"])
def test_a_wrong_number_of_children_is_counted_anew(of_home: bool, alpha: Subsite, beta: Subsite) -> None:
    with in_site(alpha):
        page = HomePage.objects.get() if of_home else column_of("gk")
    before, theirs = tree(alpha), tree(beta)
    write(alpha, page.pk, numchild=0)
    with pytest.raises(CommandError, match="--repair"):
        check()
    said = check("--repair")
    assert said.startswith(f"alpha：“{page.title}”的下级页面数与实际不符（已修复）")
    assert "beta" not in said
    assert (tree(alpha), tree(beta)) == (before, theirs)
    assert check() == WHOLE
    with in_site(alpha):
        assert column_of("gk").get_children().exists()
    assert publish_article(alpha, "可以发布", column="tzgg").live


def test_a_wrong_address_is_put_right(alpha: Subsite, beta: Subsite, client_for: Callable[[Subsite], Client]) -> None:
    article = publish_article(alpha, "通知甲", column="tzgg")
    before, theirs = tree(alpha), tree(beta)
    with in_site(alpha):
        column = column_of("tzgg")
    write(alpha, column.pk, url_path="/home/elsewhere/")
    write(alpha, article.pk, url_path="/home/nowhere/")
    with pytest.raises(CommandError, match="--repair"):
        check()
    said = check("--repair")
    assert "alpha：“通知公告”、“公告公示”、“通知甲”的网页地址与所在栏目不符（已修复）" in said
    assert "beta" not in said
    assert (tree(alpha), tree(beta)) == (before, theirs)
    assert check() == WHOLE
    assert client_for(alpha).get("/tzgg/").status_code == 200


def test_the_slug_of_a_planted_column_comes_back_and_the_other_leads_on(
    alpha: Subsite, beta: Subsite, client_for: Callable[[Subsite], Client]
) -> None:
    article = publish_article(alpha, "通知甲", column="tzgg")
    before, theirs = tree(alpha), tree(beta)
    with in_site(alpha), opened(alpha):
        column = column_of("tzgg")
        column.slug = "elsewhere"
        column.save()  # as in a shell: the addresses below follow, and somebody sees to it that the old one leads on
        for path in ("/old", "/tzgg"):
            Redirect.objects.create(old_path=path, redirect_page_id=column.pk, site=Site.objects.get())
    client = client_for(alpha)
    assert client.get("/tzgg/").status_code == 301
    with pytest.raises(CommandError, match="--repair"):
        check()
    said = check("--repair")
    assert "alpha：“通知公告”的网页地址不是模板设立时的（已修复）" in said
    assert "beta" not in said
    assert (tree(alpha), tree(beta)) == (before, theirs)
    assert check() == WHOLE
    assert client.get("/tzgg/").status_code == 200
    for former, now in (
        ("/elsewhere/", "/tzgg/"),
        (f"/elsewhere/{article.slug}/", f"/tzgg/{article.slug}/"),
        ("/old/", "/tzgg/"),
    ):
        answer = client.get(former)
        assert (answer.status_code, answer["Location"].removeprefix(alpha.root_url)) == (301, now)
    with in_site(alpha):
        assert not Redirect.objects.filter(old_path="/tzgg").exists(), "it would lead to itself"
    with in_site(beta):
        assert not Redirect.objects.exists()


def test_an_address_that_a_page_of_the_site_has_taken_is_left_to_people(alpha: Subsite, beta: Subsite) -> None:
    with in_site(alpha):
        column = column_of("zwgk") if ColumnPage.objects.filter(code="zwgk").exists() else column_of("gk")
        planted = column.slug
    write(alpha, column.pk, slug="elsewhere", url_path="/home/elsewhere/")
    article = publish_article(alpha, "占了网址的", column="tzgg")
    with in_site(alpha):
        home = HomePage.objects.get()
        write(alpha, article.pk, slug=planted, path=f"{home.path}0ZZZ", depth=home.depth + 1)
    before = tree(alpha)
    out = StringIO()
    with pytest.raises(CommandError, match="需要处理"):
        call_command("check_columns", "--repair", stdout=out)
    assert f"栏目“{column.title}”的网页地址被页面“占了网址的”占用" in out.getvalue()
    assert tree(alpha) == before
    write(alpha, article.pk, slug="gives-way")
    assert "已修复" in check("--repair")
    with in_site(alpha):
        assert ColumnPage.objects.get(pk=column.pk).slug == planted


def test_another_name_for_browsers_goes(alpha: Subsite, beta: Subsite) -> None:
    before, theirs = tree(alpha), tree(beta)
    with in_site(alpha):
        column = column_of("tzgg")
    write(alpha, column.pk, seo_title="别名")
    with pytest.raises(CommandError, match="--repair"):
        check()
    assert "alpha：“通知公告”在浏览器标题栏另用了名称（已修复）" in check("--repair")
    assert (tree(alpha), tree(beta)) == (before, theirs)


def test_a_columns_of_the_sites_own_has_its_own_address_and_name(alpha: Subsite, beta: Subsite) -> None:
    """The twin: what is no template's is the site's to change."""
    column = own_column(alpha)
    with in_site(alpha):
        column = ColumnPage.objects.get(pk=column.pk)
        column.slug, column.seo_title = "own-address", "本站的名称"
        column.save_revision().publish()
    before = tree(alpha)
    assert check("--repair") == WHOLE
    assert tree(alpha) == before


def test_a_site_from_before_slugs_were_noted_gets_its_note_once(alpha: Subsite, beta: Subsite) -> None:
    with in_site(alpha), opened(alpha):
        home = HomePage.objects.get()
        noted = home.planted_as
        HomePage.objects.update(planted_as={name: said for name, said in noted.items() if name != "slugs"})
        column = column_of("tzgg")
        column.slug = "notices"
        column.save()
    assert check() == WHOLE, "nobody knows better"
    assert check("--repair") == WHOLE
    with in_site(alpha):
        assert HomePage.objects.get().planted_as == {**noted, "slugs": {**noted["slugs"], "tzgg": "notices"}}
    with in_site(beta):
        assert HomePage.objects.get().planted_as["slugs"]["tzgg"] == "tzgg"
    write(alpha, home.pk, seo_title=home.seo_title)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.column_templates_opening")
        assert cursor.fetchone() == (0,)
