"""Every violation by every road is refused with a sentence; the same deed on a column of the site's own is done."""

import json

import pytest
from bs4 import BeautifulSoup
from wagtail.models import PageViewRestriction

from cluster.context import in_site
from sites.columns.models import ColumnPage, HomePage
from tests.sites.columns.lock.answers import LOCKED, WHOM, attempt, tree
from tests.sites.columns.lock.deeds import DEEDS, DRAFTS, PLACINGS
from tests.support.articles import column_of
from tests.support.columns import own_column
from tests.support.people import make_user, sign_in


def test_the_table_is_long_enough():
    assert len(DEEDS) >= 40


@pytest.mark.parametrize("name", DEEDS)
def test_a_planted_column_is_not_changed(name, scene, alpha, beta):
    before = tree(alpha), tree(beta)
    with in_site(alpha):
        column = column_of("tzgg")
    said = attempt(scene, DEEDS[name], column)
    assert LOCKED in said, name
    assert "通知公告" in said
    assert WHOM in said
    assert (tree(alpha), tree(beta)) == before


@pytest.mark.parametrize("name", DEEDS)
def test_a_column_of_the_sites_own_is(name, scene, alpha, beta):
    column = own_column(alpha)
    before = tree(alpha), tree(beta)
    assert attempt(scene, DEEDS[name], column) == ""
    assert tree(alpha) != before[0], name
    assert tree(beta) == before[1]


@pytest.mark.parametrize("name", DRAFTS)
def test_an_old_draft_brings_its_text_and_nothing_else(name, scene, alpha, beta):
    with in_site(alpha):
        column = column_of("tzgg")
    before = tree(alpha), tree(beta)
    assert attempt(scene, DRAFTS[name], column) == ""
    assert (tree(alpha), tree(beta)) == before
    with in_site(alpha):
        assert "旧稿的正文" in str(column_of("tzgg").body)
    with in_site(beta):
        assert "旧稿的正文" not in str(column_of("tzgg").body)


@pytest.mark.parametrize("name", DRAFTS)
def test_of_a_column_of_the_sites_own_it_brings_all(name, scene, alpha, beta):
    column = own_column(alpha)
    before = tree(beta)
    assert attempt(scene, DRAFTS[name], column) == ""
    with in_site(alpha):
        column = ColumnPage.objects.get(pk=column.pk)
    assert (column.title, column.slug, column.keywords) == ("改了", "gai-le", "改了")
    assert "旧稿的正文" in str(column.body)
    assert tree(beta) == before


def home_of(site):
    with in_site(site):
        return HomePage.objects.get()


@pytest.mark.parametrize("closed", ["home", "dtyw"])
@pytest.mark.parametrize("name", PLACINGS)
def test_no_column_is_set_below_a_closed_place(name, closed, scene, alpha, beta):
    own_column(alpha)
    before = tree(alpha), tree(beta)
    with in_site(alpha):
        parent = HomePage.objects.get() if closed == "home" else column_of(closed)
    said = attempt(scene, PLACINGS[name], parent)
    assert WHOM in said, (name, said)
    assert (tree(alpha), tree(beta)) == before


@pytest.mark.parametrize("name", PLACINGS)
def test_below_an_open_one_it_is(name, scene, alpha, beta):
    own_column(alpha)
    before = tree(alpha), tree(beta)
    with in_site(alpha):
        parent, standing = column_of("sjfb"), ColumnPage.objects.child_of(column_of("sjfb")).count()
    assert attempt(scene, PLACINGS[name], parent) == ""
    with in_site(alpha):
        assert ColumnPage.objects.child_of(column_of("sjfb")).count() == standing + 1
    assert tree(beta) == before[1]


# ---- what the write interface names and does not know


NAMED = {
    "code": "gaile",
    "column_class": "interactive",
    "column_type": "改了",
    "description": "改了",
    "keywords": "改了",
    "fed_by": "county",
    "live": False,
    "go_live_at": "2099-01-01T00:00:00Z",
    "expire_at": "2099-01-01T00:00:00Z",
    "planted": False,
    "open_below": True,
    "placed_under": 1,
}


def patch(scene, page, **body):
    with in_site(scene.site):
        return scene.api("patch", f"{page.pk}/", **body)


@pytest.mark.parametrize("place", ["body", "meta"])
@pytest.mark.parametrize("field", [*NAMED, "title", "slug", "seo_title", "show_in_menus"])
def test_the_interface_passes_over_nothing_that_is_locked(field, place, scene, alpha, beta):
    """It would answer 200 and leave out what it does not write."""
    with in_site(alpha):
        column = column_of("tzgg")
    before = tree(alpha), tree(beta)
    value = NAMED.get(field, not column.show_in_menus if field == "show_in_menus" else "gai-le")
    answer = patch(scene, column, **({field: value} if place == "body" else {"meta": {field: value}}))
    assert answer.status_code == 422, answer.content
    (error,) = answer.json()["errors"]
    for words in (LOCKED, "栏目“通知公告”", WHOM):
        assert words in error["msg"]
    assert (tree(alpha), tree(beta)) == before
    # As it stands it may be sent along with what the site does write.
    stands = json.loads(json.dumps({field: getattr(column, field)}))
    meta = {"type": "columns.ColumnPage", "action": "publish"}
    answer = patch(scene, column, **stands, search_description="一句话", meta=meta)
    assert answer.status_code == 200, answer.content
    with in_site(alpha):
        assert column_of("tzgg").search_description == "一句话"
    with in_site(beta):
        assert column_of("tzgg").search_description == ""


def test_the_interface_keeps_the_home_page_too(scene, alpha, beta):
    home, before = home_of(alpha), (tree(alpha), tree(beta))
    for body in ({"title": "改了"}, {"slug": "gai"}, {"planted_as": {}}, {"meta": {"seo_title": "改了"}}):
        answer = patch(scene, home, **body)
        assert answer.status_code == 422, (body, answer.content)
        assert "首页" + LOCKED in answer.json()["errors"][0]["msg"]
    assert (tree(alpha), tree(beta)) == before
    assert patch(scene, home, search_description="一句话").status_code == 200


def test_marks_of_the_lock_are_not_named_on_a_sites_own_column(scene, alpha):
    own = own_column(alpha)
    answer = patch(scene, own, planted=True)
    assert answer.status_code == 422
    assert "更改统一栏目的标记" in answer.json()["errors"][0]["msg"]
    assert patch(scene, own, planted=False, title="改了").status_code == 200


# ---- the dialog "who may read this"


def test_the_dialog_of_restrictions_says_why(scene, alpha, beta, client_for):
    own, home = own_column(alpha), home_of(alpha)
    with in_site(alpha):
        planted = column_of("tzgg")
    editor = sign_in(client_for(alpha), make_user(alpha))
    by_script = {"headers": {"x-requested-with": "XMLHttpRequest"}}
    form = {"restriction_type": "login", "password": ""}
    for page, name in ((planted, "栏目“通知公告”"), (home, "首页")):
        address = f"/admin/pages/{page.pk}/privacy/"
        for answer in (scene.client.get(address, **by_script), scene.client.post(address, form, **by_script)):
            said = BeautifulSoup(answer.json()["html"], "html.parser").get_text()
            assert f"{name}{LOCKED}，网站不能限制访问" in said
            assert WHOM in said
        said = scene.client.post(address, form, follow=True).content.decode()
        assert f"{name}{LOCKED}，网站不能限制访问" in said
        assert client_for(alpha).post(address, form).url.startswith("/admin/login/")
    address = f"/admin/pages/{own.pk}/privacy/"
    assert "由本网站的管理员" in editor.post(address, form, **by_script).json()["html"]
    with in_site(alpha):
        assert not PageViewRestriction.objects.exists()
    assert "restriction_type" in scene.client.get(address, **by_script).json()["html"]
    assert scene.client.post(address, form, **by_script).json()["is_public"] is False
    with in_site(alpha):
        assert PageViewRestriction.objects.get().page_id == own.pk
    with in_site(beta):
        assert not PageViewRestriction.objects.exists()
