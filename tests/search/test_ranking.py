"""Weights of authority, currency and freshness."""

from datetime import UTC, datetime, timedelta

from search.ranking import CURRENT, NATIONAL, Weighed, ranked, weight_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def a_hit(pk="a", score=1.0, level="", is_current=None, days=10_000):
    return Weighed(pk, score, level, is_current, NOW - timedelta(days=days))


def test_a_national_text_in_force_counts_more_than_an_old_local_one():
    assert weight_of(a_hit(level="national", is_current=True), NOW) == NATIONAL * CURRENT
    assert weight_of(a_hit(level="city", is_current=False), NOW) == 1.0


def test_news_lose_with_age_and_laws_do_not():
    fresh, old = weight_of(a_hit(days=1), NOW), weight_of(a_hit(days=720), NOW)
    assert 1.2 >= fresh > old > 1.0
    assert weight_of(a_hit(is_current=True, days=1), NOW) == weight_of(a_hit(is_current=True, days=9000), NOW)


def test_an_item_dated_ahead_is_not_fresher_than_one_of_today():
    assert weight_of(a_hit(days=-400), NOW) == weight_of(a_hit(days=0), NOW)


def test_the_order_follows_weight_times_score_and_keeps_ties():
    hits = [a_hit("a", 1.0), a_hit("b", 1.0), a_hit("c", 0.9, level="national", is_current=True)]
    assert ranked(hits, NOW) == ["c", "a", "b"]
