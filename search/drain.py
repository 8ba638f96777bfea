"""The two consumers of the change feed: what the registry says goes to Elasticsearch and to PostgreSQL's own table.

Run by the worker (settings.WORKER_TASKS); claims by cluster.resources.feed, writes through the engines. A row is forgotten
only when its engine has answered, and every write carries the registry's version: run twice or late, the result is the same.
"""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from cluster.postgresql.writers import earlier_writers_are_done
from cluster.resources.consumers import register_consumer
from cluster.resources.feed import ConsumerUnavailable, DrainResult, Told, drain
from search.engine import elasticsearch_engine, postgres_engine
from search.engines.base import EngineUnavailable, IndexMissing, SearchEngine
from search.gather import write_each, writes_for
from search.models import PendingFill
from search.rebuild import INDEX_CONSUMER, RebuildRunning, rebuild_index, refill_table

logger = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 60.0
#: How long to wait for transactions that were under way when the consumer was registered, before trying again later.
WRITERS_SECONDS = 30.0
#: Up to so many changes are made visible at once (refresh), since somebody may be waiting for one of them.
FEW_CHANGES = 100
#: What changes again while its batch is under way is told after it: a batch must not take longer than this.
LONGEST_BATCH_SECONDS = 1.0
#: Threads that help with a backlog. Measured on 2 cores: with one 7,500 short documents a second, with two 9,000, no more with three.
HELPERS = 2
#: After so many batches a thread comes back, to give a sign of life and to see whether it shall stop.
BACKLOG_BATCHES = 20


class SearchDrain:
    """A worker task that keeps one engine's index equal to the registry."""

    interval = 5.0

    def __init__(
        self, name: str, engine: Callable[[], SearchEngine | None], fill: Callable[[], object], *, least: int, most: int
    ) -> None:
        """Take batches of `least` to `most` rows, as many as are written within LONGEST_BATCH_SECONDS."""
        self.name, self._engine, self._fill = name, engine, fill
        self._least = self._batch = least
        self._most = most
        self._heard_at = float("-inf")

    def run(self) -> bool:
        """Take one batch of changes; return whether there was one. Raises ConsumerUnavailable if the engine does not answer."""
        engine = self._engine()
        if engine is None:
            return False
        try:
            self._report_in()
            result = self._drain(engine)
            if result.applied >= self._least:
                self._drain_together(engine)
            return result.did_something
        except IndexMissing:
            self._refill()
            return False  # the changes that found no index are still there and come with the next call
        except EngineUnavailable as error:
            raise ConsumerUnavailable(str(error)) from error

    def _report_in(self) -> None:
        """Give a sign of life each minute; whoever is new to the feed, or was dropped by it, fills the index first.

        That it must be filled is a row of its own: a kill between the registration and the end of filling forgets nothing.
        """
        if time.monotonic() - self._heard_at < HEARTBEAT_SECONDS:
            return
        with transaction.atomic():
            if register_consumer(self.name):
                PendingFill.objects.get_or_create(consumer=self.name)
        if PendingFill.objects.filter(consumer=self.name).exists() and not self._refill():
            return  # tried again at the next call, not in a minute
        self._heard_at = time.monotonic()

    def _refill(self) -> bool:
        """Fill the index; return False while another process does, or while an older transaction still writes."""
        is_new = PendingFill.objects.filter(consumer=self.name).exists()
        if is_new and not earlier_writers_are_done(WRITERS_SECONDS, "public.resources_resource"):
            # Neither the feed nor the walk would hold what it writes: it began before the feed knew of us.
            logger.warning("%s：有更早开始的写入尚未完成，等它完成后再建立索引", self.name)
            return False
        logger.info("%s 从信息资源库建立索引", self.name)
        try:
            self._fill()
        except RebuildRunning as running:
            logger.info("%s：%s", self.name, running)
            return False
        PendingFill.objects.filter(consumer=self.name).delete()
        return True

    def _drain(self, engine: SearchEngine) -> DrainResult:
        """Take one batch, and make the next one larger or smaller by how long this one took."""
        limit, began = self._batch, time.monotonic()
        result = drain(self.name, lambda rows: self._apply(engine, rows), limit=limit)
        seconds = time.monotonic() - began
        if seconds > LONGEST_BATCH_SECONDS:
            self._batch = max(self._least, limit // 2)
        elif result.applied == limit and seconds < LONGEST_BATCH_SECONDS / 2:
            self._batch = min(self._most, limit * 2)
        return result

    def _drain_together(self, engine: SearchEngine) -> None:
        """Work off a backlog in several threads: while some wait for the engine, another claims and builds."""
        with ThreadPoolExecutor(max_workers=HELPERS, thread_name_prefix=self.name) as helpers:
            others = [helpers.submit(self._help, engine) for _ in range(HELPERS)]
            self._drain_backlog(engine)
            for other in others:
                other.result()

    def _help(self, engine: SearchEngine) -> None:
        try:
            self._drain_backlog(engine)
        finally:
            connection.close()

    def _drain_backlog(self, engine: SearchEngine) -> None:
        for _ in range(BACKLOG_BATCHES):
            if self._drain(engine).applied < self._least:
                return

    def _apply(self, engine: SearchEngine, resources: list[Told]) -> Mapping[str, Exception]:
        is_few = len(resources) <= FEW_CHANGES
        return write_each(lambda rows: engine.write(writes_for(rows), refresh=is_few), resources)


elasticsearch_drain = SearchDrain(INDEX_CONSUMER, elasticsearch_engine, rebuild_index, least=250, most=2000)
postgres_drain = SearchDrain("search-postgres", postgres_engine, refill_table, least=200, most=200)
