"""How long until citizens find what was published, and no longer find what was withdrawn, over the whole province.

The publication is an editor's; the clock starts when its transaction is committed and stops when the search interface of a
site, asked by HTTP again and again, shows or no longer shows it.
"""

import itertools
import random
import time
from collections.abc import Iterator

from django.db import transaction

from cluster.context import in_site
from cluster.subsites.queries import public_sites
from tests.bench.figures import Figure
from tests.bench.measuring import percentile
from tests.bench.workshop import Workshop
from tests.support.articles import publish_article
from tests.support.citizen import Visitor
from tests.support.running import Product

SAMPLES = 200
ASK_EVERY = 0.01
GIVE_UP = 60.0


def publish_and_withdraw(workshop: Workshop) -> Iterator[Figure]:
    """Measure both, site after site."""
    _ = workshop.all_sites
    sites = list(public_sites().order_by("code"))
    visible, gone = [], []
    with workshop.running() as product:
        for number, site in zip(range(SAMPLES), itertools.cycle(sites), strict=False):
            title = _title(number)
            page = publish_article(site, title, text=f"{title}的正文。")
            visible.append(_seconds_until(product, title, found=True))
            with in_site(site), transaction.atomic():
                page.unpublish()
            gone.append(_seconds_until(product, title, found=False))
    for name, seconds in (("publish_visible", visible), ("withdraw_gone", gone)):
        yield Figure(f"{name}_p50", percentile(seconds, 0.50), "s", SAMPLES)
        yield Figure(f"{name}_p99", percentile(seconds, 0.99), "s", SAMPLES)


def _title(number: int) -> str:
    """Return a title that shares no pair of characters with any other text."""
    rnd = random.Random(number)
    return "".join(chr(rnd.randint(0x4E00, 0x9FA0)) for _ in range(12))


def _seconds_until(product: Product, title: str, *, found: bool) -> float:
    began = time.perf_counter()
    visitor = Visitor(product, "province")
    while (title in visitor.finds(title)) is not found:
        if time.perf_counter() - began > GIVE_UP:
            raise AssertionError(f"not within {GIVE_UP} s\n{product.last_words()}")
        time.sleep(ASK_EVERY)
    return time.perf_counter() - began
