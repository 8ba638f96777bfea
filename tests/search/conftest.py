"""Engines for the tests of search: a real PostgreSQL table, a real Elasticsearch with an index prefix of its own."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings

from search.engine import elasticsearch_engine, engine_named
from search.engines.base import EngineUnavailable, SearchEngine
from search.engines.elasticsearch import ElasticsearchEngine
from search.models import PendingFill, PostgresDocument, Rebuild
from tests.support.lacking import refuse_or_skip


def _missing_elasticsearch() -> str:
    """Return why there is no Elasticsearch for the tests; empty if there is one."""
    if not settings.SEARCH_ELASTICSEARCH_URL:
        return "没有设置 ELASTICSEARCH_URL"
    try:
        ElasticsearchEngine(settings.SEARCH_ELASTICSEARCH_URL, "qunzhan-probe").indices.exist()
    except EngineUnavailable as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def elasticsearch_is_there() -> None:
    """Skip, loudly, where there is no Elasticsearch; fail in CI."""
    if reason := _missing_elasticsearch():
        refuse_or_skip(f"没有可用的 Elasticsearch：{reason}")


@pytest.fixture(scope="session")
def elasticsearch_prefix(elasticsearch_is_there: None) -> Iterator[str]:
    """Return an index prefix that is this run's own; remove its indices at the end."""
    prefix = f"qunzhan-test-{os.getpid()}"
    yield prefix
    ElasticsearchEngine(settings.SEARCH_ELASTICSEARCH_URL, prefix).indices.remove_all()


@pytest.fixture
def elasticsearch(elasticsearch_prefix: str, settings: pytest.FixtureRequest) -> ElasticsearchEngine:
    """Return the Elasticsearch engine on an empty index; making one for each test would take half a second."""
    settings.SEARCH_INDEX_PREFIX = elasticsearch_prefix  # type: ignore[attr-defined]
    engine = elasticsearch_engine()
    assert engine is not None
    if not engine.indices.exist():
        name = engine.indices.create_next()
        engine.indices.swap(name)
        engine.indices.drop_next_alias(name)
    engine.refresh()
    while left := engine.scan("", 5000):
        engine.forget([entry.id for entry in left])
    return engine


@pytest.fixture
def only_postgres(settings: pytest.FixtureRequest) -> None:
    """Configure no Elasticsearch."""
    settings.SEARCH_ELASTICSEARCH_URL = ""  # type: ignore[attr-defined]


@pytest.fixture(params=["elasticsearch", "postgres"])
def engine(request: pytest.FixtureRequest, db: None) -> SearchEngine:
    """Return each engine in turn, empty, as the one that is configured."""
    if request.param == "elasticsearch":
        return request.getfixturevalue("elasticsearch")
    request.getfixturevalue("only_postgres")
    return engine_named("postgres")


@pytest.fixture
def clean_search_tables(living: object) -> Iterator[None]:
    """For tests that commit: leave the tables of search empty."""
    _empty()
    yield
    _empty()


def _empty() -> None:
    for model in (PostgresDocument, Rebuild, PendingFill):
        model.objects.all().delete()
