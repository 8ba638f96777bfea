"""Mirrors (aliases) stand elsewhere than their originals, and are as restricted as these: they go when those are hidden."""

import pytest
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page, PageViewRestriction

from cluster.column_templates.opening import opened
from cluster.context import in_site
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import column_of, page_in, publish_article
from tests.support.columns import own_column
from tests.support.registry import is_published

OURS = "甲县的春耕安排"
LISTS_OF_THE_MIRROR = ("/tzgg/", "/tzgg/rss/")
WHERE_THE_MIRROR_IS = (*LISTS_OF_THE_MIRROR, "/tzgg/mirror/")


@pytest.fixture
def mirror(stored: Stored) -> Page:
    """Return a mirror of alpha's article in another column, stored with its lists."""
    own_column(stored.alpha, "neibu", "内部")
    with in_site(stored.alpha):
        action = CreatePageAliasAction(
            page_in(stored.alpha, stored.ours), parent=column_of("tzgg"), update_slug="mirror"
        )
        found = action.execute(skip_permission_checks=True)
    stored.east.catch_up()
    for path in ("/", *WHERE_THE_MIRROR_IS, "/dtyw/", "/sitemap.xml"):
        assert stored.east.visit(stored.alpha, path).status_code == 200
        assert stored.east.text(stored.alpha, path) is not None, path
    return found


def restrict(stored: Stored) -> None:
    """Hide the column to which the original will be moved."""
    with opened(stored.alpha), in_site(stored.alpha):
        PageViewRestriction.objects.create(page=column_of("neibu"), restriction_type=PageViewRestriction.LOGIN)
    stored.east.catch_up()


def move(stored: Stored) -> None:
    """Move the original, as the editor's page does it."""
    with stored.east.here(), in_site(stored.alpha):
        page_in(stored.alpha, stored.ours).move(column_of("neibu"), pos="last-child")


def test_it_goes_at_once_with_an_original_that_is_moved_below_a_restriction(stored: Stored, mirror: Page) -> None:
    theirs = stored.east.pages_with("乙市的春耕安排")
    restrict(stored)
    move(stored)
    assert stored.east.pages_with(OURS) == []
    stored.east.catch_up()
    assert (stored.east.pages_with(OURS), stored.east.wrong_pages()) == ([], [])
    assert not is_published(stored.alpha, mirror)
    assert not is_published(stored.alpha, stored.ours)
    assert stored.east.pages_with("乙市的春耕安排") == theirs


def test_it_stays_where_the_original_is_moved_to_a_public_column(stored: Stored, mirror: Page) -> None:
    move(stored)
    for path in LISTS_OF_THE_MIRROR:
        assert OURS in (stored.east.text(stored.alpha, path) or ""), path
    stored.east.catch_up()
    assert stored.east.wrong_pages() == []
    assert OURS in stored.east.visit(stored.alpha, "/tzgg/mirror/").content.decode()
    assert is_published(stored.alpha, mirror)
    assert is_published(stored.alpha, stored.ours)


def test_it_goes_with_a_column_that_is_moved_with_everything_in_it(stored: Stored) -> None:
    own_column(stored.alpha, "neibu", "内部")
    own_column(stored.alpha, "zhuanti", "专题")
    page = publish_article(stored.alpha, "专题里的消息", column="zhuanti")
    with in_site(stored.alpha):
        action = CreatePageAliasAction(page_in(stored.alpha, page), parent=column_of("tzgg"), update_slug="mirror")
        alias = action.execute(skip_permission_checks=True)
    restrict(stored)
    for path in WHERE_THE_MIRROR_IS:
        stored.east.visit(stored.alpha, path)
        assert "专题里的消息" in (stored.east.text(stored.alpha, path) or ""), path
    with stored.east.here(), opened(stored.alpha), in_site(stored.alpha):
        column_of("zhuanti").move(column_of("neibu"), pos="last-child")
    assert stored.east.pages_with("专题里的消息") == []
    stored.east.catch_up()
    assert (stored.east.pages_with("专题里的消息"), stored.east.wrong_pages()) == ([], [])
    assert not is_published(stored.alpha, alias)
    assert OURS in (stored.east.text(stored.alpha, "/dtyw/") or "")
