"""How many home and article pages the product serves, and what processor time each costs."""

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from cluster.audit.actor import acting_as
from cluster.context import in_site
from cluster.subsites.queries import site_by_code
from sites.columns.models import ColumnPage
from sites.columns.taking import takes
from sites.common.body import body_of_text
from sites.content.models import ArticlePage
from sites.content.services import publish_articles
from tests.bench import corpus
from tests.bench.figures import Figure
from tests.bench.measuring import backends, cpu_seconds, family
from tests.bench.workshop import Workshop
from tests.support.running import Product

CLIENTS, WARM, COUNT = 8, 80, 800
# Who shows papers is never answered from the page store.
UNSTORED = {"Authorization": "Basic eDp5"}
PER_COLUMN = 20


def serve(workshop: Workshop) -> Iterator[Figure]:
    """Ask a city's home page and an article by many at once, through gunicorn, without any page store."""
    city, _ = workshop.few_sites
    article = fill(city)
    with workshop.running() as product:
        workshop.wait_until_idle()  # the worker still indexes what was filled in, on the same two cores
        for name, path in (("home", "/"), ("article", article)):
            _ask(product, city, path, WARM)
            yield from _measure(workshop, product, city, name, path)


def _measure(workshop: Workshop, product: Product, city: str, name: str, path: str) -> Iterator[Figure]:
    assert product.web.child is not None
    web, database = family(product.web.child.pid), backends(workshop.name)
    before = cpu_seconds(web), cpu_seconds(database)
    seconds = _ask(product, city, path, COUNT)
    yield Figure(f"{name}_page_speed", COUNT / seconds, "requests/s", COUNT)
    yield Figure(f"{name}_page_cpu_web", (cpu_seconds(web) - before[0]) / COUNT * 1000, "ms", COUNT)
    yield Figure(f"{name}_page_cpu_database", (cpu_seconds(database) - before[1]) / COUNT * 1000, "ms", COUNT)


def fill(city: str) -> str:
    """Publish articles in every column of the site that takes them; return the address of one."""
    site = site_by_code(city)
    # With a reason: made-up articles lack marks that some columns ask for.
    with in_site(site), acting_as(name="bench", site=city, reason="bench"):
        columns = [one for one in ColumnPage.objects.filter(fed_by="") if takes(one, ArticlePage.item_type)]
        for number, column in enumerate(columns):
            records = corpus.articles(PER_COLUMN, 1500, seed=1000 + number)
            articles = [
                ArticlePage(title=one["title"], source=site.name, body=body_of_text(one["body"])) for one in records
            ]
            publish_articles(column, articles)
        page = ArticlePage.objects.live().filter(url_path__contains="/dtyw/").first()
        assert page is not None
        return str(page.get_url_parts()[2])


@dataclass
class _Client(threading.Thread):
    """One visitor who asks again and again over one connection."""

    product: Product
    host: str
    path: str
    count: int
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Ask; a wrong answer ends it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.product.port, timeout=60)
        try:
            for _ in range(self.count):
                connection.request("GET", self.path, headers={"Host": self.host, **UNSTORED})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.errors.append(f"{answer.status} {self.path}")
                    return
        except OSError as error:
            self.errors.append(repr(error))
        finally:
            connection.close()


def _ask(product: Product, city: str, path: str, count: int) -> float:
    """Ask so many times with all clients together; return the seconds."""
    host = f"{city}.localhost:{product.port}"
    clients = [_Client(product, host, path, count // CLIENTS) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - began
    errors = [error for client in clients for error in client.errors]
    assert not errors, f"{errors[0]}\n{product.last_words()}"
    return seconds
