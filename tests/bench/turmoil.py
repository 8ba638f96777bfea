"""Thousands of random changes while readers read: is any stored page out of date when the feed is drained?

The editors work in this process, so that withdrawals reach the store by the commit; gunicorn and the worker are the product's.
`CHANGES=` in the environment makes it shorter.
"""

import os
import random
import sys
import time
from collections.abc import Iterator

from cluster.edge import checking
from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.edge.store import page_store
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


def change_and_check(workshop: Workshop) -> Iterator[Figure]:
    """Change, let the feed run dry, compare every stored page with what it would be now."""
    changes, seed = int(os.environ.get("CHANGES") or CHANGES), random.randrange(1_000_000)
    chance = random.Random(seed)
    with workshop.running() as product:
        sites = list(Subsite.objects.filter(code__in=FEW))
        rooms = [Newsroom(site, chance) for site in sites]
        for room in rooms:
            room.set_up()
        wait_until(lambda: EdgeServer.objects.exclude(ready_at=None).exists(), 60, "the agent is registered")
        seconds = []
        with reading([site.primary_host for site in sites], product.port, READERS):
            for _ in range(changes):
                began = time.perf_counter()
                chance.choice(rooms).act()
                seconds.append(time.perf_counter() - began)
            workshop.wait_until_idle()
            wait_until(lambda: not EdgeEvent.objects.exclude(server="").exists(), 120, "the store has heard everything")
            store = page_store()
            checking.settled(store, PATIENCE_SECONDS)
            entries = checking.entries_to_check(store)
            found_wrong = checking.differences(store, entries, lambda: checking.settled(store, PATIENCE_SECONDS))
            wrong = [found for found in found_wrong if found]
        for found in wrong[:20]:
            print(f"seed {seed}: {found}", file=sys.stderr, flush=True)
    yield Figure("edge_stale_pages", len(wrong), "pages", len(entries))
    yield Figure("edge_change_p50", percentile(seconds, 0.50), "s", changes)
    yield Figure("edge_change_p99", percentile(seconds, 0.99), "s", changes)
