"""What is gone is told to the process that commits, under the name of nobody; and how a transaction tells what it tells."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cluster.context import in_site
from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.resources.feed import CHANNEL
from cluster.subsites.models import Subsite
from sites.columns.models import HomePage
from tests.cluster.edge.events.hearing import WITHDRAWN, gone_for_the_committer, keys_of
from tests.support.articles import page_in, publish_article


class TestTheCommitter:
    """What is gone is told to the process that commits, under the name of nobody; the rest is not."""

    @pytest.mark.parametrize(
        "deed",
        [
            lambda alpha, ours: page_in(alpha, ours).unpublish(),
            lambda alpha, ours: page_in(alpha, ours).delete(),
            lambda alpha, ours: Page.objects.filter(pk=ours.pk).update(live=False),
        ],
        ids=["unpublish", "delete", "update"],
    )
    def test_what_is_gone(self, pair, deed: Callable[[Subsite, Page], object]):
        alpha, _, ours, _ = pair
        EdgeServer.objects.all().delete()
        with in_site(alpha):
            deed(alpha, ours)
        assert gone_for_the_committer() == keys_of(ours, *WITHDRAWN)

    def test_what_comes_is_nobodys_business(self, pair):
        alpha, _, _, _ = pair
        publish_article(alpha, "新的一条")
        assert gone_for_the_committer() == set()

    def test_is_taken_by_its_own_transaction_alone(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            Page.objects.filter(pk=ours.pk).update(live=False)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM public.qz_edge_take()")
            assert cursor.fetchall() == []
            cursor.execute("UPDATE site_alpha.wagtailcore_page SET live = true WHERE id = %s", [ours.pk])
            cursor.execute("UPDATE site_alpha.wagtailcore_page SET live = false WHERE id = %s", [ours.pk])
            cursor.execute("SELECT * FROM public.qz_edge_take()")
            assert {f"-{key}" for (key,) in cursor.fetchall()} == keys_of(ours, *WITHDRAWN)
        assert gone_for_the_committer() == keys_of(ours, *WITHDRAWN), "those of the first transaction"


def test_a_transaction_tells_each_key_once_with_the_latest_date(pair):
    alpha, _, _, _ = pair
    with transaction.atomic():
        for year in (2021, 2024, 2022):
            publish_article(alpha, f"{year}年的信息", column="tzgg", published_at=datetime(year, 5, 1, tzinfo=UTC))
    event = EdgeEvent.objects.get(server="east", key="members:site_alpha:tzgg")
    assert event.at == datetime(2024, 5, 1, tzinfo=UTC)


def test_the_feed_is_notified(pair):
    alpha = pair[0]
    listener = connection.copy()
    try:
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
            with in_site(alpha):
                # What it shows stays as it was: every later test of this site reads its home page.
                HomePage.objects.update(blocks=HomePage.objects.get().blocks)
            cursor.execute("SELECT 1")
            assert listener.connection.notifies
    finally:
        listener.close()
