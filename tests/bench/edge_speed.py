"""How fast stored pages are served, each beside what it is measured against in the same minutes.

nginx on the store beside nginx on the same bytes as plain files under the same headers; the layer in front of the application
beside the page that is rendered anew. Rounds alternate, and the figure is the median: whatever else the machine does falls on both.
"""

import http.client
import shutil
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from cluster.edge.addresses import file_of
from cluster.edge.entries import Address
from cluster.edge.headers import headers_of
from cluster.edge.store import page_store
from cluster.edge.variants import Variant
from deploy.launcher.elasticsearch import free_port
from tests.bench import wrk
from tests.bench.figures import Figure
from tests.bench.measuring import cpu_seconds
from tests.bench.pages import fill
from tests.bench.workshop import Workshop
from tests.support.front import Front, fronted
from tests.support.running import Product, wait_until

ROUNDS, SECONDS, NGINX_WORKERS = 5, 4, 2
PLAIN = """server {{
    listen {port};
    root {root};
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    charset utf-8;
    types {{ text/html html; }}
    gzip_static on;
    {headers}
}}
"""


@dataclass
class Rounds:
    """The rounds of one page on one server."""

    speeds: list[wrk.Speed] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return statistics.median(speed.rate for speed in self.speeds)

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return statistics.median(speed.p99 for speed in self.speeds)


def serve_stored(workshop: Workshop) -> Iterator[Figure]:
    """Measure a home page and an article."""
    wrk.program()
    city, _ = workshop.few_sites
    pages = {"home": "/", "article": fill(city)}
    with workshop.running() as product:
        host = f"{city}.localhost"
        for path in pages.values():
            _store(host, product.port, path)
        folder = workshop.folder / "nginx"
        folder.mkdir(exist_ok=True)
        plain_port, further = _plain(host, list(pages.values()), folder)
        place = {"store": product.var / "store", "media": product.var / "media", "static": product.var / "static"}
        with fronted(folder, app_port=product.port, workers=NGINX_WORKERS, further=further, **place) as front:
            for name, path in pages.items():
                yield from _beside_plain_files(name, path, host, front, plain_port)
        for name, path in pages.items():
            yield from _beside_rendering(name, path, host, product)


def _store(host: str, port: int, path: str) -> None:
    """Visit a page until it is stored."""
    wanted = Address(host, path, "", Variant.NORMAL.value)

    def is_stored() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path, headers={"Host": host})
        connection.getresponse().read()
        connection.close()
        return page_store().find(wanted) is not None

    wait_until(is_stored, 60, f"{path} is stored")


def _plain(host: str, paths: list[str], folder: Path) -> tuple[int, str]:
    """Copy the stored pages into a folder of their own; return a port and what nginx is told of it."""
    root = folder / "plain"
    for path in paths:
        source = Path(page_store().root) / "current" / file_of(Address(host, path, "", "n"), "html")
        place = root / path.strip("/") / "index.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        for end in ("", ".gz"):
            shutil.copyfile(f"{source}{end}", f"{place}{end}")
    port = free_port()
    told = [(name, value) for name, value in headers_of("html", Variant.NORMAL).items() if name != "Content-Type"]
    headers = "\n    ".join(f'add_header {name} "{value}";' for name, value in told)
    return port, PLAIN.format(port=port, root=root, headers=headers)


def _beside_plain_files(name: str, path: str, host: str, front: Front, plain_port: int) -> Iterator[Figure]:
    master = psutil.Process(front.process.pid)
    wait_until(lambda: len(master.children()) == NGINX_WORKERS, 10, "nginx has its workers")
    workers = master.children()
    stored, plain = Rounds(), Rounds()
    for _ in range(ROUNDS):
        for rounds, port in ((plain, plain_port), (stored, front.port)):
            before = cpu_seconds(workers)
            speed = wrk.ask(port, path, SECONDS, Host=host)
            rounds.speeds.append(speed)
            rounds.cpu.append((cpu_seconds(workers) - before) / speed.count * 1e6)
    yield Figure(f"edge_nginx_{name}_speed", stored.rate, "requests/s", ROUNDS)
    yield Figure(f"edge_plain_{name}_speed", plain.rate, "requests/s", ROUNDS)
    yield Figure(f"edge_nginx_{name}_of_plain", stored.rate / plain.rate * 100, "%", ROUNDS)
    yield Figure(f"edge_nginx_{name}_p99", stored.p99, "ms", ROUNDS)
    yield Figure(f"edge_nginx_{name}_cpu", statistics.median(stored.cpu), "us", ROUNDS)
    yield Figure(f"edge_plain_{name}_cpu", statistics.median(plain.cpu), "us", ROUNDS)


def _beside_rendering(name: str, path: str, host: str, product: Product) -> Iterator[Figure]:
    gunicorn = product.web.child
    assert gunicorn is not None, "gunicorn runs"
    port, layer, rendered = product.port, Rounds(), Rounds()
    for _ in range(ROUNDS):
        # gunicorn replaces its workers now and then.
        workers = psutil.Process(gunicorn.pid).children()
        before = cpu_seconds(workers)
        speed = wrk.ask(port, path, SECONDS, Host=host)
        layer.speeds.append(speed)
        layer.cpu.append((cpu_seconds(workers) - before) / speed.count * 1e6)
        # Who shows papers is never answered from the store.
        rendered.speeds.append(wrk.ask(port, path, SECONDS, Host=host, Authorization="Basic eDp5"))
    yield Figure(f"edge_layer_{name}_speed", layer.rate, "requests/s", ROUNDS)
    yield Figure(f"edge_layer_{name}_p99", layer.p99, "ms", ROUNDS)
    yield Figure(f"edge_layer_{name}_cpu", statistics.median(layer.cpu), "us", ROUNDS)
    yield Figure(f"edge_rendered_{name}_speed", rendered.rate, "requests/s", ROUNDS)
    yield Figure(f"edge_layer_{name}_of_rendered", layer.rate / rendered.rate, "x", ROUNDS)
