"""Old addresses lead on for good: after a changed slug, a move, for descendants, feeds and mirrors; in this site only."""

from django.test import TestCase
from wagtail.contrib.redirects.models import Redirect

from cluster.context import in_site
from sites.columns.models import ColumnPage
from sites.content.models import ArticlePage
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.pages import address_of, browse


def _rename(page, slug):
    """Publish the page under another address. Wagtail writes the redirects after the commit, which a test rolls back."""
    page = page.specific_class.objects.get(pk=page.pk)
    page.slug = slug
    with TestCase.captureOnCommitCallbacks(execute=True):
        page.save_revision().publish()


def _follow(client, path):
    response = client.get(path)
    assert response.status_code == 301, (path, response.status_code)
    return response["Location"]


def test_a_changed_slug_leaves_a_permanent_redirect(alpha, beta, client_for):
    page = publish_article(alpha, "一篇")
    old = address_of(alpha, page)
    with in_site(alpha):
        _rename(page, "new")
    assert _follow(client_for(alpha), old) == "/dtyw/new/"
    assert client_for(beta).get(old).status_code == 404


def test_a_second_change_leads_from_both_to_the_newest(alpha, client_for):
    page = publish_article(alpha, "一篇")
    old = address_of(alpha, page)
    with in_site(alpha):
        _rename(page, "second")
        _rename(page, "third")
    assert {_follow(client_for(alpha), path) for path in (old, "/dtyw/second/")} == {"/dtyw/third/"}


def test_a_renamed_column_leads_on_with_all_below_and_its_feed(alpha, client_for):
    own_column(alpha)
    own_column(alpha, "xia", "下级", under="zslm")
    page = publish_article(alpha, "办法", column="xia")
    with in_site(alpha):
        _rename(column_of("zslm"), "gaiming")
    moved = f"/gk/gaiming/xia/{page.slug}/"
    browse(alpha, moved)
    client = client_for(alpha)
    assert _follow(client, f"/gk/zslm/xia/{page.slug}/") == moved
    assert _follow(client, "/gk/zslm/") == "/gk/gaiming/"
    assert _follow(client, "/gk/zslm/xia/rss/") == "/gk/gaiming/xia/rss/"


def test_a_moved_article_and_a_moved_column_lead_on(alpha, client_for):
    own_column(alpha, under="sjfb")
    page, below = publish_article(alpha, "一篇"), publish_article(alpha, "解读", column="zslm")
    old = {address_of(alpha, page): page, address_of(alpha, below): below}
    with in_site(alpha):
        ArticlePage.objects.get(pk=page.pk).move(column_of("tzgg"), pos="last-child")
        ColumnPage.objects.get(code="zslm").move(column_of("gk"), pos="last-child")
    with in_site(alpha):
        new = {path: ArticlePage.objects.get(pk=moved.pk).url for path, moved in old.items()}
    assert {path: _follow(client_for(alpha), path) for path in old} == new
    assert all(old_path != new_path for old_path, new_path in new.items())


def test_a_mirror_keeps_its_address_when_the_original_is_renamed_and_leads_on_when_moved(alpha, client_for):
    page = publish_article(alpha, "一篇")
    with in_site(alpha):
        alias = page.create_alias(parent=column_of("tzgg"))
        _rename(page, "renamed")
    kept = address_of(alpha, alias)
    browse(alpha, kept)
    with in_site(alpha):
        ArticlePage.objects.get(pk=alias.pk).move(column_of("sjfb"), pos="last-child")
    assert _follow(client_for(alpha), kept) == f"/sjfb/{alias.slug}/"


def test_a_new_page_at_an_old_address_wins(alpha):
    page = publish_article(alpha, "旧文", slug="same")
    with in_site(alpha):
        _rename(page, "other")
    publish_article(alpha, "新文", slug="same")
    assert browse(alpha, "/dtyw/same/").h1.get_text() == "新文"


def test_a_deleted_page_leaves_no_redirect(alpha, client_for):
    page = publish_article(alpha, "一篇")
    old = address_of(alpha, page)
    with in_site(alpha):
        _rename(page, "new")
        ArticlePage.objects.get(pk=page.pk).delete()
        assert not Redirect.objects.exists()
    assert client_for(alpha).get(old).status_code == 404


def test_planting_left_no_redirects(alpha, beta):
    for site in (alpha, beta):
        with in_site(site):
            assert not Redirect.objects.exists()
