"""Publishing and withdrawing on schedule: only where something is due, each page by itself."""

from datetime import timedelta

import pytest
from django.db import OperationalError, ProgrammingError, connection
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
        page = ArticlePage(title=title, source="本单位", live=False, go_live_at=live_at, expire_at=expire_at)
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


@pytest.mark.parametrize("damage", ["no schema", "no tables", "tables of another time"])
@pytest.mark.parametrize("batch", [1, 40])
def test_a_broken_site_stops_no_other(alpha, beta, monkeypatch, caplog, damage, batch):
    monkeypatch.setattr(scheduling, "SCHEMAS_PER_QUERY", batch)
    monkeypatch.setattr(scheduling, "_broken", set())
    Subsite.objects.filter(pk=beta.pk).update(parent=alpha)
    with connection.cursor() as cursor:
        if damage == "tables of another time":
            cursor.execute("ALTER TABLE site_alpha.wagtailcore_revision DROP COLUMN approved_go_live_at CASCADE")
        else:
            cursor.execute("DROP SCHEMA site_alpha CASCADE")
        if damage == "no tables":
            cursor.execute("CREATE SCHEMA site_alpha")
    expiring = publish_article(beta, "限期公示")
    with in_site(beta):
        ArticlePage.objects.filter(pk=expiring.pk).update(expire_at=_ago(1))
    _schedule(beta, "到时发布", live_at=_ago(5))
    assert sites_with_due_pages() == [beta]
    assert publish_scheduled.run() is True
    text = browse(beta, "/dtyw/").get_text()
    assert "到时发布" in text
    assert "限期公示" not in text
    assert publish_scheduled.run() is False
    assert [record.getMessage().count("站点 alpha") for record in caplog.records if "repair_sites" in record.msg] == [1]


def test_a_site_whose_pages_cannot_be_read_leaves_the_next_one_alone(alpha, beta, monkeypatch, caplog):
    for site in (alpha, beta):
        _schedule(site, "到时发布", live_at=_ago(5))
    publish_due = scheduling.publish_due

    def unreadable(site):
        if site == alpha:
            raise ProgrammingError("column does not exist")
        return publish_due(site)

    monkeypatch.setattr(scheduling, "publish_due", unreadable)
    assert publish_scheduled.run() is True
    assert "到时发布" in browse(beta, "/dtyw/").get_text()
    assert "站点 alpha 的定时发布无法进行" in caplog.text


def test_a_server_that_is_away_is_told_to_the_worker(alpha, monkeypatch):
    """It waits longer and renews the connection, instead of naming every site in the log."""
    _schedule(alpha, "到时发布", live_at=_ago(5))

    def away(site):
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(scheduling, "publish_due", away)
        publish_scheduled.run()
    assert publish_scheduled.run() is True


@pytest.mark.parametrize("batch", [1, 2, 40])
def test_all_sites_are_asked_whatever_the_size_of_the_handful(alpha, beta, monkeypatch, batch):
    monkeypatch.setattr(scheduling, "SCHEMAS_PER_QUERY", batch)
    for site in (alpha, beta):
        _schedule(site, "到时发布", live_at=_ago(5))
    assert sites_with_due_pages() == [alpha, beta]
