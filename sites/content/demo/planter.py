"""Publish the content of sites in a thread of its own, while further sites are still being opened.

Used by the command: opening keeps the database busy and publishing the processor, so that together they take little
longer than the longer of the two.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Self

from django.db import connections
from django.utils import timezone

from cluster.postgresql.renewal import Renewal
from cluster.subsites.models import Subsite
from sites.content.demo.articles import Amount
from sites.content.demo.planting import plant_articles
from sites.content.demo.progress import PlantedSites


class Planter:
    """A queue of sites that want content; as a context it waits for the site in work, and forgets the rest."""

    def __init__(self, planted: PlantedSites) -> None:
        """Take the notes of what is done; sites noted there are passed over."""
        self._planted = planted
        self._now = timezone.now()
        self._renewal = Renewal()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="planter")
        self._orders: list[Future[tuple[str, int]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for order in self._orders:
            order.cancel()
        self._thread.submit(connections.close_all)
        self._thread.shutdown()

    def __len__(self) -> int:
        return len(self._orders)

    def order(self, site: Subsite, amount: Amount) -> None:
        """Have a site filled, under the name of whoever gives the order."""
        if not self._planted.has(site):
            self._orders.append(self._thread.submit(copy_context().run, self._plant, site, amount))

    def results(self) -> Iterator[tuple[str, int]]:
        """Give name and number of articles of each site as it is done; raises what went wrong there."""
        for order in self._orders:
            yield order.result()

    def _plant(self, site: Subsite, amount: Amount) -> tuple[str, int]:
        self._renewal.next_site()
        count = plant_articles(site, amount, self._now)
        self._planted.add(site)
        return site.name, count
