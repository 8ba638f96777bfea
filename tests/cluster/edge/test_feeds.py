"""Feeds say no time but that of what they show, so that an empty one is stored like any other."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import time_machine

from cluster.context import in_site
from cluster.edge import keys
from cluster.edge.entries import Touch
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.support.articles import publish_article
from tests.support.edging import Front

PATH = "/tzgg/rss/"


def built(edge: Front, site: Subsite) -> datetime:
    found = ElementTree.fromstring(edge.get(site, PATH).body).findtext("channel/lastBuildDate")
    assert found is not None
    return parsedate_to_datetime(found)


def changed(site: Subsite, moment: datetime | None) -> None:
    with in_site(site):
        ColumnPage.objects.filter(code="tzgg").update(last_published_at=moment)


def test_an_empty_feed_is_stored_and_the_same_tomorrow(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    today = edge.get(alpha, PATH)
    assert (edge.get(alpha, PATH).from_store, edge.paths(beta)) == (True, set())
    edge.store.purge()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert edge.get(alpha, PATH).body == today.body


def test_its_time_is_that_of_its_column(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    then = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    changed(alpha, then)
    assert built(edge, alpha) == then
    assert built(edge, beta) != then
    changed(beta, None)
    edge.store.purge()
    assert built(edge, beta).year == 2000


def test_its_first_item_reaches_it(edge: Front, alpha: Subsite) -> None:
    edge.get(alpha, PATH)
    page = publish_article(alpha, "第一条", column="tzgg")
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    touched = edge.store.touch([Touch(keys.members(alpha.schema_name, "tzgg"), moment)])
    assert [entry.address.path for entry in touched.replace] == [PATH]
    edge.store.purge()
    assert built(edge, alpha) == page.published_at.replace(microsecond=0)
