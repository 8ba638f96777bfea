"""Elasticsearch down: PostgreSQL answers at once, says so in header, page and log, and Elasticsearch is asked again later."""

import logging

import pytest

from search import engine as engines
from search.engine import configured_engines, engine_named, postgres_engine
from search.engines.base import EngineUnavailable
from search.gather import writes_for
from tests.search.builders import make_row

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def down(db, settings):
    """Configure an Elasticsearch that does not answer."""
    settings.SEARCH_ELASTICSEARCH_URL = NOBODY
    engines._breaker.cache_clear()
    engines._elasticsearch.cache_clear()
    yield
    engines._breaker.cache_clear()
    engines._elasticsearch.cache_clear()


@pytest.fixture
def rows(alpha, beta):
    made = [make_row(alpha, "甲县供热公告"), make_row(beta, "乙市供热公告")]
    postgres_engine().write(writes_for(made))
    return made


def test_postgres_answers_and_says_so(down, rows, client_for, alpha, caplog):
    with caplog.at_level(logging.WARNING, logger="search.engine"):
        response = client_for(alpha).get("/api/search/?q=供热")
    assert response.status_code == 200
    assert response["X-Search-Engine"] == response.json()["engine"] == "postgres"
    assert response.json()["count"] == 2
    assert "改用 PostgreSQL" in caplog.text


def test_the_page_says_so_too(down, rows, client_for, alpha):
    html = client_for(alpha).get("/search/?q=供热").content.decode()
    assert "备用引擎" in html
    assert "乙市<em>供热</em>公告" in html


def test_where_none_is_configured_nothing_is_degraded(only_postgres, rows, client_for, alpha):
    response = client_for(alpha).get("/search/?q=供热")
    assert response["X-Search-Engine"] == "postgres"
    assert "备用引擎" not in response.content.decode()


def test_it_is_left_alone_after_a_failure_and_asked_again_later(down, rows, client_for, alpha, monkeypatch):
    asked = []

    def fail(self, request):
        asked.append(request)
        raise EngineUnavailable("weg")

    monkeypatch.setattr("search.engines.elasticsearch.ElasticsearchEngine.search", fail)
    for _ in range(3):
        client_for(alpha).get("/api/search/?q=供热")
    assert len(asked) == 1
    breaker = engines._breaker(NOBODY)
    monkeypatch.setattr(breaker, "clock", lambda: 10**9)
    client_for(alpha).get("/api/search/?q=供热")
    assert len(asked) == 2


def test_an_index_that_is_not_there_is_no_error_for_citizens(elasticsearch, rows, client_for, alpha, settings):
    settings.SEARCH_INDEX_PREFIX = "qunzhan-test-gibtesnicht"
    engines._breaker.cache_clear()
    response = client_for(alpha).get("/api/search/?q=供热")
    assert response["X-Search-Engine"] == "postgres"
    engines._breaker.cache_clear()


def test_when_it_is_well_it_answers(elasticsearch, rows, client_for, alpha):
    engines._breaker.cache_clear()
    elasticsearch.write(writes_for(rows), refresh=True)
    response = client_for(alpha).get("/api/search/?q=供热")
    assert response["X-Search-Engine"] == "elasticsearch"
    assert response.json()["count"] == 2


def test_engines_by_name(only_postgres):
    assert engine_named("postgres") is postgres_engine()
    assert configured_engines() == [postgres_engine()]
    with pytest.raises(LookupError, match="ELASTICSEARCH_URL"):
        engine_named("elasticsearch")
