"""Build an index anew from the registry, without a gap and without losing what changes meanwhile.

Called by `search_rebuild` and by the drain where an index is missing. For Elasticsearch a new index grows beside the old
one. From before the walk until after the swap a Rebuild row makes the drain write to both: a change is either committed
before the walk reads its row, or claimed after the drain sees the row. Versions decide who is newer, so a page withdrawn in
the middle leaves a tombstone in the new index that the walk's older document cannot pass.
"""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import connection

from cluster.resources.backlog import put_aside
from search.engine import elasticsearch_engine, postgres_engine
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch.bulk import send_all
from search.gather import write_each, writes_for
from search.models import Rebuild
from search.reconcile import reconcile
from search.walk import published_batches

logger = logging.getLogger(__name__)
BATCH = 1000
#: The change feed's name for those who keep the index.
INDEX_CONSUMER = "search-elasticsearch"
#: A few documents that cannot be written are put aside for the operator; more than these say that something else is wrong.
REFUSED_AT_MOST = 100
#: Any two numbers that no other part of the product locks: one engine's rebuild does not wait for the other's.
_INDEX_LOCK, _TABLE_LOCK = 7_301_940_052, 7_301_940_053

Advance = Callable[[str, int], None]


class RebuildRunning(Exception):
    """Another process rebuilds at this moment."""


class RebuildIncomplete(Exception):
    """Many or all documents were refused: the new index is thrown away and the old one goes on."""


def _silent(text: str = "", count: int = 1) -> None:
    """Tell nobody."""


@contextmanager
def _only_one(lock: int) -> Iterator[None]:
    """Hold the rebuild lock; it falls with the connection, however the process ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        if not cursor.fetchone()[0]:
            raise RebuildRunning("另一个进程正在重建索引，请等它完成。")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


def rebuild_index(advance: Advance = _silent) -> int:
    """Build a new cluster index and point the alias at it; return how many documents it holds.

    Raises RebuildRunning, RebuildIncomplete, EngineUnavailable.
    """
    engine = elasticsearch_engine()
    if engine is None:
        raise EngineUnavailable("没有配置 Elasticsearch（ELASTICSEARCH_URL）。")
    with _only_one(_INDEX_LOCK):
        Rebuild.objects.filter(alias=engine.alias).delete()
        engine.indices.remove(engine.indices.leftovers())
        name = engine.indices.create_next()
        Rebuild.objects.create(alias=engine.alias, index=name)
        try:
            refused = _fill(engine, advance)
            engine.client.indices.refresh(index=name)
            before = engine.indices.swap(name)
        except BaseException:
            Rebuild.objects.filter(alias=engine.alias).delete()
            with suppress(EngineUnavailable):
                # Not simply the new one: where only the answer to the swap was lost, the alias points at it already.
                engine.indices.remove(engine.indices.leftovers())
            raise
        Rebuild.objects.filter(alias=engine.alias).delete()
        put_aside(INDEX_CONSUMER, refused)
        engine.indices.drop_next_alias(name)
        engine.indices.remove(before)
        count = engine.count()
    logger.info("索引 %s 重建完成，共 %s 条", engine.alias, count)
    return count


def _fill(engine: ElasticsearchEngine, advance: Advance) -> dict[uuid.UUID, tuple[int, Exception]]:
    """Write everything into the next index; return version and error of the few that cannot be. Raises RebuildIncomplete."""
    refused: dict[uuid.UUID, tuple[int, Exception]] = {}
    total = 0
    for batch in published_batches(BATCH):
        errors = write_each(
            lambda rows: send_all(engine.client, writes_for(rows), (engine.indices.next_alias,), refresh=False), batch
        )
        refused |= {row.pk: (row.version, errors[str(row.pk)]) for row in batch if str(row.pk) in errors}
        total += len(batch)
        if len(refused) > REFUSED_AT_MOST:
            break
        advance("", len(batch))
    if refused and (len(refused) > REFUSED_AT_MOST or len(refused) == total):
        pk, (_, error) = next(iter(refused.items()))
        raise RebuildIncomplete(
            f"至少 {len(refused)} 条信息无法写入新索引，例如 {pk}：{error!r}。原有索引继续使用；请先查明原因，再重新运行。"
        )
    for pk, (_, error) in refused.items():
        logger.warning("信息资源 %s 无法写入新索引，已搁置：%r", pk, error)
    return refused


def refill_table(advance: Advance = _silent) -> int:
    """Write every row of the PostgreSQL engine's table anew, in place, and remove what is surplus; return the count.

    The table answers searches all the while: each row is replaced in one statement.
    """
    engine = postgres_engine()
    with _only_one(_TABLE_LOCK):
        reconcile(engine, rewrite=True, advance=advance)
        return engine.count()
