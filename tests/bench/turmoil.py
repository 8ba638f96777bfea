"""Thousands of random changes while readers read: is any stored page out of date when the feed is drained?

The editors work in this process, so that withdrawals reach the store by the commit; gunicorn and the worker are the product's.
What has no part in stored pages rests meanwhile: search, and the index of references.
`CHANGES=` in the environment makes it shorter. How far it is, is said on standard error.
"""

import os
import random
import sys
import time
from collections.abc import Iterator, Sequence

from django.db import connection
from wagtail.signal_handlers import disable_reference_index_auto_update

from cluster.edge import checking
from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.edge.store import page_store
from cluster.resources.models import Mark
from cluster.subsites.models import Subsite
from tests.bench.figures import Figure
from tests.bench.measuring import percentile
from tests.bench.readers import reading
from tests.bench.workshop import FEW, Workshop
from tests.support.running import wait_until
from tests.support.turmoil import Newsroom

CHANGES = 10_000
READERS = 8
# Until then every copy that a change reached is to be replaced; what is not counts as stale.
PATIENCE_SECONDS = 60.0
SAY_EVERY = 500
# The worker's part in the stored pages.
TASKS = ("edge", "projection")


def change_and_check(workshop: Workshop) -> Iterator[Figure]:
    """Change, let the feed run dry, compare every stored page with what it would be now."""
    changes, seed = int(os.environ.get("CHANGES") or CHANGES), random.randrange(1_000_000)
    chance = random.Random(seed)
    with workshop.running() as product:
        sites = list(Subsite.objects.filter(code__in=FEW))
        product.worker.stop()
        product.start_worker(*TASKS)
        rooms = [Newsroom(site, chance) for site in sites]
        for room in rooms:
            room.set_up()
        wait_until(lambda: EdgeServer.objects.exclude(ready_at=None).exists(), 60, "the agent is registered")
        with reading([site.primary_host for site in sites], product.port, READERS):
            seconds = _change(rooms, chance, changes)
            wait_until(_is_drained, 300, "the registry and the store have heard everything", product.last_words)
            store, began = page_store(), time.perf_counter()
            checking.settled(store, PATIENCE_SECONDS)
            settling = time.perf_counter() - began
            entries = checking.entries_to_check(store)
            _say(f"比较 {len(entries)} 个存储的页面")
            found_wrong = checking.differences(store, entries, lambda: checking.settled(store, PATIENCE_SECONDS))
            wrong = [found for found in found_wrong if found]
        for found in wrong[:20]:
            _say(f"seed {seed}: {found}")
    yield Figure("edge_stale_pages", len(wrong), "pages", len(entries))
    yield Figure("edge_settled_after", settling, "s", changes)
    yield Figure("edge_change_p50", percentile(seconds, 0.50), "s", changes)
    yield Figure("edge_change_p99", percentile(seconds, 0.99), "s", changes)


def _change(rooms: Sequence[Newsroom], chance: random.Random, changes: int) -> list[float]:
    """Do so many deeds, each in a transaction of its own; return the seconds of each."""
    with connection.cursor() as cursor:
        # What a power cut would leave of an edit is measured elsewhere; thousands of waits for the disk would only take time.
        cursor.execute("SET synchronous_commit TO off")
    began, seconds = time.perf_counter(), []
    for number in range(1, changes + 1):
        start = time.perf_counter()
        with disable_reference_index_auto_update():
            chance.choice(rooms).act()
        seconds.append(time.perf_counter() - start)
        if number % SAY_EVERY == 0:
            waiting = EdgeEvent.objects.exclude(server="").count()
            _say(f"{number} 次改动，{time.perf_counter() - began:.0f} 秒，{waiting} 个变化还没有听到")
    return seconds


def _is_drained() -> bool:
    return not Mark.objects.exists() and not EdgeEvent.objects.exclude(server="").exists()


def _say(text: str) -> None:
    print(f"   {text}", file=sys.stderr, flush=True)
