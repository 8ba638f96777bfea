"""Publishing and withdrawing on schedule: only where something is due, each page by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common import scheduling
from sites.common.scheduling import publish_scheduled, sites_with_due_pages
from sites.content.models import ArticlePage
from tests.support.articles import column_of, publish_article
from tests.support.pages import browse


def _schedule(site, title, *, live_at=None, expire_at=None):
    with in_site(site):
        page = ArticlePage(title=title, live=False, go_live_at=live_at, expire_at=expire_at)
        column_of().add_child(instance=page)
        page.save_revision(approved_go_live_at=live_at)
        return page


def _ago(minutes):
    return timezone.now() - timedelta(minutes=minutes)


def test_due_pages_go_live_and_others_wait(alpha, beta):
    _schedule(alpha, "到时发布", live_at=_ago(5))
    _schedule(beta, "明天发布", live_at=_ago(-24 * 60))
    assert sites_with_due_pages() == [alpha]
    assert publish_scheduled.run() is True
    assert "到时发布" in browse(alpha, "/dtyw/").get_text()
    assert "明天发布" not in browse(beta, "/dtyw/").get_text()
    assert publish_scheduled.run() is False


def test_pages_past_their_day_are_withdrawn(alpha, beta):
    for site in (alpha, beta):
        page = publish_article(site, "限期公示")
        with in_site(site):
            ArticlePage.objects.filter(pk=page.pk).update(expire_at=_ago(1 if site == alpha else -60))
    publish_scheduled.run()
    assert "限期公示" not in browse(alpha, "/dtyw/").get_text()
    assert "限期公示" in browse(beta, "/dtyw/").get_text()


def test_a_page_that_fails_leaves_the_others_alone(alpha, caplog):
    bad, _ = _schedule(alpha, "坏页", live_at=_ago(9)), _schedule(alpha, "好页", live_at=_ago(5))
    with in_site(alpha):
        revision = bad.latest_revision
        revision.content["body"] = "[broken"
        revision.content["locale"] = 999_999
        revision.save()
    assert publish_scheduled.run() is True
    assert "好页" in browse(alpha, "/dtyw/").get_text()
    assert "定时发布失败" in caplog.text


def test_closed_sites_are_left_alone(alpha):
    _schedule(alpha, "到时发布", live_at=_ago(5))
    Subsite.objects.filter(pk=alpha.pk).update(state="closed")
    assert sites_with_due_pages() == []


@pytest.mark.parametrize("batch", [1, 2, 40])
def test_all_sites_are_asked_whatever_the_size_of_the_handful(alpha, beta, monkeypatch, batch):
    monkeypatch.setattr(scheduling, "SCHEMAS_PER_QUERY", batch)
    for site in (alpha, beta):
        _schedule(site, "到时发布", live_at=_ago(5))
    assert sites_with_due_pages() == [alpha, beta]
