"""How soon citizens see what was published, and no longer see what was withdrawn, while every site is read at full load.

All through nginx. The publication is an editor's; the clock starts when its transaction is committed, and stops at the first
answer with the item on its own page, in its column and on the front page, or without it.
"""

import http.client
import itertools
import time
from collections.abc import Iterator

from django.db import transaction

from cluster.context import in_site
from cluster.edge.models import EdgeServer
from cluster.subsites.models import Subsite
from cluster.subsites.queries import public_sites
from search.warming import warm_up
from tests.bench import wrk
from tests.bench.figures import Figure
from tests.bench.measuring import percentile
from tests.bench.workshop import Workshop
from tests.support.articles import page_in, publish_article
from tests.support.front import Front, fronted
from tests.support.pages import address_of
from tests.support.running import wait_until

SAMPLES, ASK_EVERY, GIVE_UP = 200, 0.01, 30.0
COLUMN = "dtyw"


def publish_and_withdraw(workshop: Workshop) -> Iterator[Figure]:
    """Measure both, site after site."""
    wrk.program()
    _ = workshop.all_sites
    sites = list(public_sites().order_by("code"))
    hosts = [site.primary_host for site in sites]
    with workshop.running() as product:
        folder = workshop.folder / "nginx-fresh"
        folder.mkdir(exist_ok=True)
        place = {"store": product.var / "store", "media": product.var / "media", "static": product.var / "static"}
        wait_until(lambda: EdgeServer.objects.exclude(ready_at=None).exists(), 60, "the agent is registered")
        with fronted(folder, app_port=product.port, workers=2, **place) as front:
            for host in hosts:
                assert _ask(front, host, "/")[0] == http.client.OK, host
            with wrk.full_load(front.port, hosts, folder):
                visible, gone = _measure(front, sites)
    for name, seconds in {**visible, **gone}.items():
        yield Figure(f"{name}_p50", percentile(seconds, 0.50), "s", SAMPLES)
        yield Figure(f"{name}_p99", percentile(seconds, 0.99), "s", SAMPLES)


def _measure(front: Front, sites: list[Subsite]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    warm_up()  # the editor's process has its addresses loaded, as gunicorn has: none of them while the clock runs
    visible: dict[str, list[float]] = {f"edge_visible_{place}": [] for place in ("item", "column", "home")}
    gone: dict[str, list[float]] = {f"edge_gone_{place}": [] for place in ("item", "column", "home")}
    for number, site in zip(range(SAMPLES), itertools.cycle(sites), strict=False):
        title = f"限时测量第{number}条消息"
        page = publish_article(site, title, column=COLUMN)
        began = time.perf_counter()
        paths = [address_of(site, page), f"/{COLUMN}/", "/"]
        for found, path in zip(visible.values(), paths, strict=True):
            found.append(_seconds_until(front, site, path, title, began, shown=True))
        with in_site(site), transaction.atomic():
            page_in(site, page).unpublish()
        began = time.perf_counter()
        for found, path in zip(gone.values(), paths, strict=True):
            found.append(_seconds_until(front, site, path, title, began, shown=False))
    return visible, gone


def _seconds_until(front: Front, site: Subsite, path: str, title: str, began: float, *, shown: bool) -> float:
    while (title in _ask(front, site.primary_host, path)[1]) is not shown:
        assert time.perf_counter() - began < GIVE_UP, f"not within {GIVE_UP} s: {title} {shown} at {site} {path}"
        time.sleep(ASK_EVERY)
    return time.perf_counter() - began


def _ask(front: Front, host: str, path: str) -> tuple[int, str]:
    answer = front.ask(host, path)
    return answer.status, answer.text
