"""Open the province, open one more site, migrate when there is nothing to do."""

import statistics
import time
from collections.abc import Iterator

from cluster.subsites.services import open_site
from tests.bench.figures import Figure
from tests.bench.workshop import Workshop

REPEATED = 5


def open_one(workshop: Workshop) -> Iterator[Figure]:
    """Open single sites by the service that the command and the console call; report the median."""
    _ = workshop.few_sites
    seconds = []
    for number in range(REPEATED):
        began = time.perf_counter()
        open_site(code=f"bench-{number}", name=f"测试县{number}人民政府", kind="county", region_code="230183")
        seconds.append(time.perf_counter() - began)
    yield Figure("open_site", statistics.median(seconds), "s", REPEATED)
    yield Figure("open_site_first", seconds[0], "s")


def open_all(workshop: Workshop) -> Iterator[Figure]:
    """Open the sites of the province by the command; of 113, unless another measurement has opened some before."""
    seconds, count = workshop.all_sites
    yield Figure("open_113", seconds, "s", count)


def migrate(workshop: Workshop) -> Iterator[Figure]:
    """Run migrate_cluster over all sites with nothing to do: the whole process, interpreter included."""
    _ = workshop.all_sites
    seconds = [workshop.command(workshop.product, "migrate_cluster") for _ in range(REPEATED)]
    yield Figure("migrate_nothing", statistics.median(seconds), "s", REPEATED)
    yield Figure("migrate_from_nothing", workshop.moulds, "s")
