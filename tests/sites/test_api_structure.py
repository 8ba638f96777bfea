"""The structure of a site through the API and in a shell: what holds it together stays, whoever asks and by whatever road."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from wagtail.models import Page

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import SiteState, Subsite
from cluster.subsites.services import close_site
from sites.columns.lock.refusals import ColumnLocked
from sites.columns.models import ColumnPage, HomePage
from sites.content.models import ArticlePage
from tests.support.articles import column_of, page_in, publish_article
from tests.support.columns import own_column
from tests.support.pages import browse
from tests.support.people import api_token, make_user, sign_in

SHAPED = "由本网站的管理员"
ROOT = "首页是网站的根"


class Caller:
    """Speaks to one site's API with the token of one account."""

    def __init__(self, client, site, token):
        self.client, self.site, self.headers = client, site, {"Authorization": f"Bearer {token}"}

    def __call__(self, method, path, **body):
        address = f"/api/v3/pages/{path}"
        return getattr(self.client, method)(address, json.dumps(body), "application/json", headers=self.headers)


@pytest.fixture
def caller(client_for):
    """Return a function that gives a caller for a role in a site."""

    def make(site, role):
        return Caller(client_for(site), site, api_token(site, make_user(site, role)))

    return make


def refused(response, sentence, status=403):
    """Whether the response refuses with this sentence."""
    assert response.status_code == status, response.content.decode()
    assert sentence in response.json()["detail"], response.json()
    return True


def pk_of(site, code):
    with in_site(site):
        return column_of(code).pk


def home_of(site):
    with in_site(site):
        return HomePage.objects.get().pk


def actions_on(pk, destination):
    """Every way to take a page from its place."""
    return [
        ("post", f"{pk}/actions/unpublish/", {}),
        ("post", f"{pk}/actions/unpublish/", {"recursive": True}),
        ("post", f"{pk}/actions/move/", {"destination_id": destination, "position": "last-child"}),
        ("post", f"{pk}/actions/move/", {"destination_id": destination, "position": "left"}),
        ("post", f"{pk}/actions/copy/", {"destination_id": destination, "slug": "fu-ben"}),
        ("post", f"{pk}/actions/copy/", {"recursive": True, "slug": "fu-ben"}),
        ("post", f"{pk}/actions/create_alias/", {"destination_id": destination, "slug": "fu-ben"}),
        ("delete", f"{pk}/", {}),
        ("delete", f"{pk}/actions/delete/", {}),
    ]


@pytest.mark.parametrize("role", ["editor", "site_admin"])
def test_the_home_page_stays_by_every_road_of_the_api(alpha, beta, caller, role):
    call, home, column = caller(alpha, role), home_of(alpha), pk_of(alpha, "dtyw")
    for method, path, body in actions_on(home, column):
        assert refused(call(method, path, **body), ROOT)
    for site in (alpha, beta):
        browse(site, "/")


def test_a_column_is_no_editors_to_take_away(alpha, beta, caller):
    for site in (alpha, beta):
        own_column(site)
    call, column = caller(alpha, "editor"), pk_of(alpha, "zslm")
    with in_site(alpha):
        before = Page.objects.count()
    for method, path, body in actions_on(column, pk_of(alpha, "sjfb")):
        assert refused(call(method, path, **body), SHAPED), path
    with in_site(alpha):
        assert Page.objects.count() == before
    for site in (alpha, beta):
        browse(site, "/gk/zslm/")


def test_the_administrator_withdraws_moves_copies_and_deletes_a_column(alpha, beta, caller):
    for site in (alpha, beta):
        own_column(site, under="sjfb")
    call, column = caller(alpha, "site_admin"), pk_of(alpha, "zslm")
    assert call("post", f"{column}/actions/unpublish/").status_code == 200
    browse(alpha, "/sjfb/zslm/", status=404)
    browse(beta, "/sjfb/zslm/")
    assert call("post", f"{column}/actions/publish/").status_code == 200
    moved = call("post", f"{column}/actions/move/", destination_id=pk_of(alpha, "gk"), position="last-child")
    assert moved.status_code == 200, moved.content.decode()
    browse(alpha, "/gk/zslm/")
    copied = call("post", f"{column}/actions/copy/", slug="fu-ben")
    assert copied.status_code == 201, copied.content.decode()
    assert call("delete", f"{column}/").status_code == 204
    browse(alpha, "/gk/zslm/", status=404)


def test_articles_are_the_editors_own_business(alpha, beta, caller):
    call, page = caller(alpha, "editor"), publish_article(alpha, "甲的文章")
    other = publish_article(beta, "乙的文章")
    move = {"destination_id": pk_of(alpha, "tzgg"), "position": "last-child"}
    assert call("post", f"{page.pk}/actions/move/", **move).status_code == 200
    assert call("post", f"{page.pk}/actions/copy/", slug="fu-ben").status_code == 201
    assert call("post", f"{page.pk}/actions/unpublish/").status_code == 200
    assert not page_in(alpha, page).live
    assert call("delete", f"{page.pk}/").status_code == 204
    assert page_in(beta, other).live


def test_what_wagtail_itself_refuses_is_said_in_chinese(alpha, caller):
    with in_site(alpha):
        page = column_of().add_child(
            instance=ArticlePage(title="别人的草稿", slug="cao-gao", source="本单位", live=False)
        )
        page.save_revision()
    patch = {"title": "改名", "meta": {"type": "content.ArticlePage", "action": "publish"}}
    assert refused(caller(alpha, "reviewer1")("patch", f"{page.pk}/", **patch), "您的账号没有办理这件事的权限")
    assert caller(alpha, "publisher")("patch", f"{page.pk}/", **patch).status_code == 200
    assert page_in(alpha, page).title == "改名"


class TestWritingByTheApi:
    """Creating and changing columns and the home page."""

    column = {"title": "历史沿革", "slug": "lsyg", "show_in_menus": True}

    def new_column(self, parent, **meta):
        return {**self.column, "meta": {"type": "columns.ColumnPage", "parent_id": parent, **meta}}

    def rename(self, kind, **meta):
        return {"title": "改过的名称", "meta": {"type": f"columns.{kind}", **meta}}

    @pytest.mark.parametrize("parent", ["gk", ""])
    @pytest.mark.parametrize("meta", [{}, {"action": "publish"}])
    def test_an_editor_makes_no_column(self, alpha, caller, parent, meta):
        above = pk_of(alpha, parent) if parent else home_of(alpha)
        assert refused(caller(alpha, "editor")("post", "", **self.new_column(above, **meta)), SHAPED)
        with in_site(alpha):
            assert not ColumnPage.objects.filter(title="历史沿革").exists()

    def test_the_administrator_makes_one_in_his_own_site(self, alpha, beta, caller):
        made = caller(alpha, "site_admin")("post", "", **self.new_column(pk_of(alpha, "gk")))
        assert made.status_code == 201, made.content.decode()
        with in_site(alpha):
            assert ColumnPage.objects.get(title="历史沿革").code == "lsyg"
        with in_site(beta):
            assert not ColumnPage.objects.filter(title="历史沿革").exists()

    def test_an_editor_makes_an_article(self, alpha, caller):
        article = {"title": "编辑的文章", "meta": {"type": "content.ArticlePage", "parent_id": pk_of(alpha, "tzgg")}}
        assert caller(alpha, "editor")("post", "", **article).status_code == 201

    @pytest.mark.parametrize(
        "field", [{"title": "改名"}, {"slug": "gai"}, {"show_in_menus": False}, {"seo_title": "改"}]
    )
    @pytest.mark.parametrize("meta", [{}, {"action": "publish"}])
    def test_an_editor_changes_no_marks(self, alpha, caller, field, meta):
        own_column(alpha)
        call = caller(alpha, "editor")
        body = field | {"meta": {"type": "columns.ColumnPage", **meta}}
        assert refused(call("patch", f"{pk_of(alpha, 'zslm')}/", **body), SHAPED)
        body = field | {"meta": {"type": "columns.HomePage", **meta}}
        assert refused(call("patch", f"{home_of(alpha)}/", **body), SHAPED)
        assert browse(alpha, "/gk/zslm/").h1.get_text() == "自设栏目"

    def test_the_administrator_renames_a_column(self, alpha, beta, caller):
        for site in (alpha, beta):
            own_column(site)
        renamed = self.rename("ColumnPage", action="publish")
        assert caller(alpha, "site_admin")("patch", f"{pk_of(alpha, 'zslm')}/", **renamed).status_code == 200
        assert browse(alpha, "/gk/zslm/").h1.get_text() == "改过的名称"
        assert browse(beta, "/gk/zslm/").h1.get_text() == "自设栏目"

    def test_an_editor_publishes_the_text_of_a_column(self, alpha, caller):
        column = pk_of(alpha, "gywm")
        body = {"meta": {"type": "columns.ColumnPage", "action": "publish"}}
        assert caller(alpha, "editor")("patch", f"{column}/", **body).status_code == 200
        assert caller(alpha, "publisher")("post", f"{column}/actions/publish/").status_code == 200


class TestInTheAdmin:
    """The same rules where the admin has no hook at all."""

    def test_nobody_but_the_administrator_hides_or_reorders_columns(self, alpha, client_for):
        own_column(alpha, "qian", "在前")
        home, above, column = home_of(alpha), pk_of(alpha, "gk"), own_column(alpha).pk
        places = [f"/admin/pages/{pk}/privacy/" for pk in (home, column)]
        order = f"/admin/pages/{column}/set_position/?position=0"
        hidden = {"restriction_type": "login", "password": ""}
        editor, admin = (sign_in(client_for(alpha), make_user(alpha, role)) for role in ("editor", "site_admin"))
        for place in places:
            editor.post(place, hidden)
        editor.post(order)
        browse(alpha, "/gk/zslm/")
        with in_site(alpha):
            assert ColumnPage.objects.get(pk=above).get_children().first().pk != column
        admin.post(order)
        admin.post(places[1], hidden)
        with in_site(alpha):
            assert ColumnPage.objects.get(pk=above).get_children().first().pk == column
            assert column_of("zslm").get_view_restrictions().exists()

    def test_a_choice_with_a_column_in_it_is_refused_whole(self, alpha, client_for):
        page, column = publish_article(alpha, "陪着栏目"), own_column(alpha).pk
        editor = sign_in(client_for(alpha), make_user(alpha))
        address = "/admin/bulk/wagtailcore/page/unpublish/"
        answer = editor.post(f"{address}?id={page.pk}&id={column}", follow=True)
        assert SHAPED in answer.content.decode()
        assert page_in(alpha, page).live
        editor.post(f"{address}?id={page.pk}")
        assert not page_in(alpha, page).live

    @pytest.mark.parametrize("verb", ["delete", "unpublish", "copy", "move"])
    def test_the_reason_is_said(self, alpha, client_for, verb):
        column = own_column(alpha).pk
        editor, admin = (sign_in(client_for(alpha), make_user(alpha, role)) for role in ("editor", "site_admin"))
        assert SHAPED in editor.get(f"/admin/pages/{column}/{verb}/", follow=True).content.decode()
        assert admin.get(f"/admin/pages/{column}/{verb}/").status_code == 200
        assert ROOT in admin.get(f"/admin/pages/{home_of(alpha)}/{verb}/", follow=True).content.decode()


class TestInAShell:
    """Without any account: the model itself keeps the root of the site."""

    def withdraw(self, site, model):
        with in_site(site), transaction.atomic():
            model.objects.get(pk=HomePage.objects.get().pk).unpublish()

    @pytest.mark.parametrize("model", [HomePage, Page])
    def test_the_home_page_is_not_withdrawn(self, alpha, beta, model):
        with pytest.raises(PermissionDenied, match=ROOT):
            self.withdraw(alpha, model)
        for site in (alpha, beta):
            browse(site, "/")

    def test_other_pages_are(self, alpha, beta):
        for site in (alpha, beta):
            own_column(site)
        with in_site(alpha):
            column_of("zslm").unpublish()
        browse(alpha, "/gk/zslm/", status=404)
        browse(beta, "/gk/zslm/")

    @pytest.mark.parametrize("model", [HomePage, Page])
    def test_that_of_a_closed_site_is(self, alpha, beta, model):
        close_site(alpha, reason="撤并")
        with opened(alpha):
            self.withdraw(Subsite.objects.get(pk=alpha.pk), model)
        with in_site(alpha):
            assert not HomePage.objects.get().live
        assert Subsite.objects.get(pk=beta.pk).state == SiteState.OPEN
        with pytest.raises(PermissionDenied, match=ROOT):
            self.withdraw(beta, model)

    def test_deleting_asks_the_same(self, alpha, beta):
        close_site(alpha, reason="撤并")
        closed = Subsite.objects.get(pk=alpha.pk)
        with in_site(beta), pytest.raises((ProtectedError, ColumnLocked)), transaction.atomic():
            HomePage.objects.get().delete()
        with opened(closed), in_site(closed):
            HomePage.objects.get().delete()
            assert not HomePage.objects.exists()
