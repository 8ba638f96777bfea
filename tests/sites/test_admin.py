"""What the staff of a site does in the admin, and what it is refused: there, and in the other site."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Page

from cluster.context import in_site
from sites.columns.models import ColumnPage, HomePage
from sites.common.scheduling import publish_due
from sites.content.models import ArticlePage
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.pages import browse
from tests.support.people import PASSWORD, make_user, sign_in


def _article_form(**fields):
    return {
        "title": "编辑发布的文章",
        "slug": "",
        "source": "本单位",
        "author": "",
        "published_at": "",
        "summary": "",
        "keywords": "",
        "lead_image": "",
        "lead_image_alt": "",
        "body-count": "1",
        "body-0-type": "paragraph",
        "body-0-order": "0",
        "body-0-deleted": "",
        "body-0-id": "",
        "body-0-value": json.dumps({"entityMap": {}, "blocks": [_paragraph("正文")]}),
        "attachments-TOTAL_FORMS": "0",
        "attachments-INITIAL_FORMS": "0",
        "attachments-MIN_NUM_FORMS": "0",
        "attachments-MAX_NUM_FORMS": "1000",
        **fields,
    }


def _paragraph(text):
    return {"key": "a", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}


def _column(site, code="dtyw"):
    with in_site(site):
        return column_of(code)


def _add(client, column, **fields):
    return client.post(f"/admin/pages/add/content/articlepage/{column.pk}/", _article_form(**fields))


def test_an_editor_publishes_at_home_and_is_nobody_next_door(alpha, beta, client_for):
    editor = make_user(alpha, "editor")
    client = sign_in(client_for(alpha), editor)
    response = _add(client, _column(alpha), **{"action-publish": "action-publish"})
    assert response.status_code == 302, response.content.decode()[:3000]
    assert "编辑发布的文章" in browse(alpha, "/dtyw/").get_text()
    assert "编辑发布的文章" not in browse(beta, "/dtyw/").get_text()

    stranger = client_for(beta)
    refused = stranger.post("/admin/login/", {"username": editor.username, "password": PASSWORD})
    assert refused.status_code == 200
    stranger.cookies = client.cookies
    assert stranger.get("/admin/").status_code == 302
    assert _add(stranger, _column(beta), **{"action-publish": "action-publish"})["Location"].startswith("/admin/login/")
    with in_site(beta):
        assert not ArticlePage.objects.exists()


def test_an_empty_address_is_made_from_the_title(alpha, client_for):
    client = sign_in(client_for(alpha), make_user(alpha))
    _add(client, _column(alpha), title="2026年工作要点", **{"action-publish": "action-publish"})
    with in_site(alpha):
        assert ArticlePage.objects.get().slug.startswith("2026ngzyd-")


def test_a_rejected_form_keeps_what_was_typed_and_says_why(alpha, client_for):
    client = sign_in(client_for(alpha), make_user(alpha))
    response = _add(client, _column(alpha), published_at="2099-01-01 10:00", summary="打了很久的摘要")
    assert response.status_code == 200
    page = response.content.decode()
    assert "发布时间不能晚于现在" in page
    assert "打了很久的摘要" in page


def test_a_time_before_all_records_is_refused_and_the_first_that_is_taken_is_shown(alpha, client_for):
    client = sign_in(client_for(alpha), make_user(alpha))
    refused = _add(client, _column(alpha), published_at="0001-01-01 00:00", summary="打了很久的摘要")
    assert refused.status_code == 200
    assert "发布时间早于 1800 年" in refused.content.decode()
    assert "打了很久的摘要" in refused.content.decode()
    assert _add(client, _column(alpha), published_at="1800-01-01 00:00").status_code == 302


def test_a_draft_can_go_through_three_reviews(alpha, client_for):
    client = sign_in(client_for(alpha), make_user(alpha))
    assert _add(client, _column(alpha), **{"action-submit": "action-submit"}).status_code == 302
    with in_site(alpha):
        page = ArticlePage.objects.get()
        assert not page.live
        assert page.current_workflow_state.workflow.name == "三审"
    for role in ("reviewer1", "reviewer2", "reviewer3"):
        reviewer = sign_in(client_for(alpha), make_user(alpha, role))
        with in_site(alpha):
            task_state = ArticlePage.objects.get().current_workflow_task_state
        address = f"/admin/pages/workflow/action/{page.pk}/approve/{task_state.pk}/"
        assert reviewer.post(address, {"comment": "同意"}).status_code == 302
    with in_site(alpha):
        assert ArticlePage.objects.get().live


def test_reviewers_cannot_publish_and_publishers_can(alpha, client_for):
    with in_site(alpha):
        page = column_of().add_child(instance=ArticlePage(title="待发", slug="wait", source="本单位", live=False))
        page.save_revision()
    form = {**_article_form(title="待发", slug="wait"), "action-publish": "action-publish"}
    sign_in(client_for(alpha), make_user(alpha, "reviewer1")).post(f"/admin/pages/{page.pk}/edit/", form)
    with in_site(alpha):
        assert not ArticlePage.objects.get(pk=page.pk).live
    sign_in(client_for(alpha), make_user(alpha, "publisher")).post(f"/admin/pages/{page.pk}/edit/", form)
    with in_site(alpha):
        assert ArticlePage.objects.get(pk=page.pk).live


@pytest.mark.parametrize("role", ["editor", "site_admin"])
def test_the_home_page_stays_whoever_asks(alpha, client_for, role):
    client = sign_in(client_for(alpha), make_user(alpha, role))
    with in_site(alpha):
        home = HomePage.objects.get()
    for action in ("delete", "unpublish", "copy"):
        assert client.post(f"/admin/pages/{home.pk}/{action}/").status_code == 302
    client.post(f"/admin/bulk/wagtailcore/page/delete/?id={home.pk}")
    browse(alpha, "/")


def test_columns_are_shaped_by_the_sites_administrator_alone(alpha, client_for):
    column = own_column(alpha)
    editor, admin = (sign_in(client_for(alpha), make_user(alpha, role)) for role in ("editor", "site_admin"))

    response = editor.post(f"/admin/pages/{column.pk}/delete/", follow=True)
    assert "由本网站的管理员" in response.content.decode()
    editor.post(f"/admin/bulk/wagtailcore/page/delete/?id={column.pk}")
    editor.post(f"/admin/pages/{column.pk}/unpublish/")
    browse(alpha, "/gk/zslm/")

    admin.post(f"/admin/pages/{column.pk}/delete/")
    browse(alpha, "/gk/zslm/", status=404)


def test_editors_write_the_text_of_a_column_and_not_its_name(alpha, client_for):
    column = _column(alpha, "gywm")
    body = {name: value for name, value in _article_form().items() if name.startswith("body-")}
    client = sign_in(client_for(alpha), make_user(alpha))
    form = {**body, "title": "改名", "slug": "other", "action-publish": "action-publish"}
    assert client.post(f"/admin/pages/{column.pk}/edit/", form).status_code == 302
    soup = browse(alpha, "/gywm/")
    assert soup.h1.get_text() == "关于我们"
    assert soup.select_one(".prose").get_text(strip=True) == "正文"


def test_a_new_column_is_refused_to_editors_and_open_to_the_administrator(alpha, client_for):
    parent = _column(alpha, "gk")
    form = {
        **{name: value for name, value in _article_form().items() if name.startswith("body-")},
        "body-count": "0",
        **{"title": "历史沿革", "column_class": "static", "column_type": "概况信息"},
        **{"description": "说明", "keywords": "历史", "slug": "", "fed_by": "", "action-publish": "action-publish"},
    }
    address = f"/admin/pages/add/columns/columnpage/{parent.pk}/"
    sign_in(client_for(alpha), make_user(alpha)).post(address, form)
    with in_site(alpha):
        assert not ColumnPage.objects.filter(title="历史沿革").exists()
    response = sign_in(client_for(alpha), make_user(alpha, "site_admin")).post(address, form)
    assert response.status_code == 302, response.content.decode()[:3000]
    browse(alpha, "/gk/lsyg/")


def test_front_page_of_the_admin_lists_columns_and_leads_to_writing(alpha, beta, client_for):
    publish_article(alpha, "一篇", column="tzgg")
    column = _column(alpha, "tzgg")
    page = sign_in(client_for(alpha), make_user(alpha)).get("/admin/").content.decode()
    assert f"/admin/pages/add/content/articlepage/{column.pk}/" in page
    assert "甲县人民政府" in page
    assert "乙市" not in page
    assert "查找全部页面" in page  # from our own locale: Wagtail leaves it in English
    letters = sign_in(client_for(alpha), make_user(alpha, "letters")).get("/admin/").content.decode()
    assert "写文章" not in letters


def test_the_administrator_manages_accounts_and_no_editor_does(alpha, client_for):
    assert sign_in(client_for(alpha), make_user(alpha, "site_admin")).get("/admin/users/").status_code == 200
    assert sign_in(client_for(alpha), make_user(alpha)).get("/admin/users/").status_code == 302


def test_preview_shows_the_draft_with_its_place(alpha, client_for):
    page = publish_article(alpha, "已发", column="zcwj")
    client = sign_in(client_for(alpha), make_user(alpha))
    response = client.get(f"/admin/pages/{page.pk}/view_draft/")
    assert response.status_code == 200
    assert "政策文件" in response.content.decode()
    with in_site(alpha):
        home = Page.objects.get(depth=2)
    assert client.get(f"/admin/pages/{home.pk}/view_draft/").status_code == 200


def test_sign_in_names_the_site(alpha, beta, client_for):
    for site in (alpha, beta):
        assert site.name in client_for(site).get("/admin/login/").content.decode()


def test_an_editor_sets_a_time_to_go_live_and_the_schedule_keeps_it(alpha, beta, client_for, monkeypatch):
    client = sign_in(client_for(alpha), make_user(alpha, "editor"))
    form = client.get(f"/admin/pages/add/content/articlepage/{_column(alpha).pk}/").content.decode()
    assert 'name="go_live_at"' in form
    assert "设置发布日程" in form
    late, early = timezone.now() + timedelta(hours=2), timezone.now() - timedelta(hours=1)
    publishing = {"action-publish": "action-publish", "go_live_at": f"{timezone.localtime(late):%Y-%m-%d %H:%M}"}
    assert _add(client, _column(alpha), **publishing).status_code == 302
    with in_site(alpha):
        page = ArticlePage.objects.get(title="编辑发布的文章")
        assert not page.live
        assert page.scheduled_revision is not None
    assert "编辑发布的文章" not in browse(alpha, "/dtyw/").get_text()
    assert not publish_due(alpha)
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "now", lambda: late + timedelta(minutes=1))
        assert publish_due(alpha)
    assert "编辑发布的文章" in browse(alpha, "/dtyw/").get_text()
    assert "编辑发布的文章" not in browse(beta, "/dtyw/").get_text()
    wrong = {"title": "到期早于发布", "go_live_at": publishing["go_live_at"], "expire_at": f"{early:%Y-%m-%d %H:%M}"}
    refused = _add(client, _column(alpha), **{"action-publish": "action-publish", **wrong})
    assert refused.status_code == 200
    assert "到期早于发布" in refused.content.decode()
    with in_site(alpha):
        assert not ArticlePage.objects.filter(title="到期早于发布").exists()


def test_the_form_of_an_article_shows_marks_of_an_import_only_where_there_are_some(alpha, beta, client_for):
    client = sign_in(client_for(alpha), make_user(alpha, "editor"))
    with in_site(alpha):
        written = publish_article(alpha, "自己写的").pk
        imported = publish_article(alpha, "导入的").pk
        ArticlePage.objects.filter(pk=imported).update(issuer="甲县人民政府")
    assert "文件要素" not in client.get(f"/admin/pages/{written}/edit/").content.decode()
    assert "文件要素" in client.get(f"/admin/pages/{imported}/edit/").content.decode()
