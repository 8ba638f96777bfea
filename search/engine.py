"""Which engine answers: Elasticsearch where it is configured and well, PostgreSQL otherwise.

Called by queries (every search), drain, the commands. Tests replace nothing here: they set the settings.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from django.conf import settings

from search.breaker import CircuitBreaker
from search.engines.base import EngineUnavailable, SearchEngine
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.postgres import PostgresEngine

logger = logging.getLogger(__name__)
#: So long a failed Elasticsearch is not asked again: nobody waits for its timeout but one citizen in ten seconds.
RETRY_SECONDS = 10.0

Answer = TypeVar("Answer")
_postgres = PostgresEngine()


@cache
def _elasticsearch(url: str, prefix: str, api_key: str) -> ElasticsearchEngine:
    return ElasticsearchEngine(url, prefix, api_key)


@cache
def _breaker(url: str) -> CircuitBreaker:
    return CircuitBreaker(RETRY_SECONDS)


def elasticsearch_engine() -> ElasticsearchEngine | None:
    """Return the Elasticsearch engine, or None where none is configured."""
    url = settings.SEARCH_ELASTICSEARCH_URL
    if not url:
        return None
    return _elasticsearch(url, settings.SEARCH_INDEX_PREFIX, settings.SEARCH_ELASTICSEARCH_API_KEY)


def postgres_engine() -> PostgresEngine:
    """Return the PostgreSQL engine, which is always there."""
    return _postgres


def engine_named(name: str) -> SearchEngine:
    """Return an engine by its name; raises LookupError with a sentence that says what to do."""
    if name == PostgresEngine.name:
        return postgres_engine()
    engine = elasticsearch_engine() if name == ElasticsearchEngine.name else None
    if engine is None:
        raise LookupError(f"检索引擎 {name} 没有配置：请设置 ELASTICSEARCH_URL，或改用 postgres。")
    return engine


def configured_engines() -> list[SearchEngine]:
    """Return every engine that is kept up to date."""
    elasticsearch = elasticsearch_engine()
    return [elasticsearch, postgres_engine()] if elasticsearch else [postgres_engine()]


def with_best_engine(ask: Callable[[SearchEngine], Answer]) -> tuple[Answer, SearchEngine]:
    """Ask Elasticsearch, or PostgreSQL when that does not answer; return the answer and who gave it."""
    engine = elasticsearch_engine()
    if engine is not None:
        breaker = _breaker(engine.url)
        if breaker.allows():
            try:
                answer = ask(engine)
            except EngineUnavailable as error:
                breaker.trip()
                logger.warning("Elasticsearch 不可用，改用 PostgreSQL 检索，%.0f 秒后再试：%s", RETRY_SECONDS, error)
            else:
                breaker.reset()
                return answer, engine
    return ask(_postgres), _postgres


def is_degraded(engine: SearchEngine) -> bool:
    """Tell whether the engine is a stand-in for a better one that is configured."""
    return bool(settings.SEARCH_ELASTICSEARCH_URL) and engine.name != ElasticsearchEngine.name
