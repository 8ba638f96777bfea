"""Everything but nginx is killed: what is stored stands with its pictures and attachments, what was withdrawn does not.

An installation of the test's own from opening to killing: PostgreSQL, gunicorn and worker are killed, Elasticsearch, which all
tests share, is cut off.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings

from cluster.edge.generation import CURRENT
from tests.flows.conftest import an_index_prefix, has_index
from tests.support.citizen import Visitor
from tests.support.front import Answer, Front, fronted
from tests.support.newsdesk import Published, publish_in
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.running import Product, wait_until
from tests.support.wire import Wire

SITES = {"gamma": "丙县人民政府", "delta": "丁县人民政府"}
ORDERS = (
    "code,name,kind,region,parent,id_code\ngamma,丙县人民政府,county,230123,,\ndelta,丁县人民政府,county,230183,,\n"
)
STILL_WORKS = "部分功能暂时不能使用"


@dataclass
class Town:
    """The installation behind nginx, and the two items of each site: the one that stays, the one that is withdrawn."""

    postgres: OwnPostgres
    product: Product
    front: Front
    wire: Wire | None
    items: dict[str, list[Published]] = field(default_factory=dict)

    def ask(self, site: str, path: str, method: str = "GET") -> Answer:
        """Ask nginx, as a citizen does."""
        return self.front.ask(f"{site}.localhost:{self.front.port}", quote(path, safe="/?="), method)

    def read(self, site: str, *paths: str) -> None:
        """Read these pages until all are stored: a copy is refused while something that it shows changes."""

        def is_stored() -> bool:
            missing = set(paths) - self.stored(site).keys()
            return not [self.ask(site, path) for path in missing]

        wait_until(is_stored, 30, f"{paths} are stored", self.product.last_words)

    def command(self, *arguments: str) -> None:
        """Run a command as operators do."""
        done = self.product.manage(*arguments)
        assert done.returncode == 0, done.stdout

    def visitor(self, site: str) -> Visitor:
        """Return somebody who comes through nginx."""
        return Visitor(replace(self.product, port=self.front.port), site)

    def kill_all(self) -> None:
        """Kill everything but nginx; what was the worker's is dead already."""
        self.postgres.kill_all()
        self.product.kill_web()
        if self.wire:
            self.wire.cut()

    def start_again(self) -> None:
        """Start what was killed."""
        self.postgres.server.start()
        if self.wire:
            self.wire.mend()
        self.product.start()

    def stored(self, site: str) -> dict[str, bytes]:
        """Return what lies on the disk for a site, pages and files, by its address."""
        store, host = self.product.var / "store", f"{site}.localhost"
        pages, files = store / CURRENT / host / "n", store / "files" / host
        found = {f"/{path.relative_to(files)}": path.read_bytes() for path in files.rglob("*") if path.is_file()}
        for name in ("index.html", "index.rss", "robots.txt", "sitemap.xml"):
            for path in pages.rglob(name):
                found[f"/{path.relative_to(pages)}".removesuffix("index.html").removesuffix("index.rss")] = (
                    path.read_bytes()
                )
        return found


@pytest.fixture
def town(database: None) -> Iterator[Town]:
    """Give the installation with nothing opened yet."""
    url = settings.SEARCH_ELASTICSEARCH_URL
    with tempfile.TemporaryDirectory(prefix="qz-all-") as name, an_index_prefix(url, "all") as prefix:
        var, wire = Path(name), Wire(url) if url else None
        with own_postgres(var, run_url=settings.DATABASE_URL, run_web_url=settings.DATABASE_WEB_URL) as postgres:
            product = Product(var, postgres.url, postgres.web_url, wire.url if wire else "", prefix)
            product.environment["EDGE_ACCEL"] = "1"
            product.collect_static(Path(settings.VAR_DIR) / "flows")
            place = {"store": var / "store", "media": var / "media", "static": var / "static"}
            (var / "nginx").mkdir()
            with fronted(var / "nginx", app_port=product.port, **place) as front:
                try:
                    product.start()
                    wait_until(lambda: has_index(url, prefix), 60, "the index is there", product.last_words)
                    yield Town(postgres, product, front, wire)
                finally:
                    product.stop()
        if wire:
            wire.cut()


def open_and_publish(town: Town, tmp_path: Path, word: str) -> None:
    """Open the sites, publish in both, and fill the store."""
    (tmp_path / "sites.csv").write_text(ORDERS)
    town.command("open_sites", str(tmp_path / "sites.csv"))
    for site in SITES:
        items = town.items[site] = publish_in(town.product, site, f"{word}保留", f"{word}撤回")
        town.command("edge_warm", "--site", site)
        town.read(site, *(item.path for item in items), "/", "/dtyw/", "/down/")
        assert {address for item in items for address in addresses(item)} <= town.stored(site).keys()


def addresses(item: Published) -> set[str]:
    """Return the addresses of an item: page, picture, attachment."""
    return {item.path, item.picture, item.attachment}


def expect_words(town: Town, site: str, answer: Answer) -> None:
    """Check that the answer is the site's own page on what still works."""
    other = next(code for code in SITES if code != site)
    assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
    assert answer.headers["retry-after"]
    assert STILL_WORKS in answer.text
    assert SITES[site] in answer.text
    assert SITES[other] not in answer.text
    assert 'href="/dtyw/"' in answer.text
    assert answer.body == town.stored(site)["/down/"]


def test_stored_pages_and_files_stand_while_all_else_is_dead(town: Town, tmp_path: Path) -> None:
    word = f"停电{uuid4().hex[:8]}"
    open_and_publish(town, tmp_path, word)
    stays, gone = town.items["gamma"]
    editor = town.visitor("gamma").sign_in("gamma-bianji")
    town.product.kill_worker()
    assert editor.withdraw(gone.page).status_code == 302
    # Citizens go on reading before the rest dies, too: what a withdrawal took along is stored anew without it.
    town.read("gamma", "/", "/dtyw/")
    town.kill_all()
    expect_all_that_is_stored(town)
    assert addresses(stays) | {"/", "/dtyw/"} <= town.stored("gamma").keys()
    assert not [path for path, content in town.stored("gamma").items() if f"{word}撤回".encode() in content]
    for path in addresses(gone):
        expect_words(town, "gamma", town.ask("gamma", path))
    theirs = town.items["delta"][1]
    assert addresses(theirs) <= town.stored("delta").keys()
    assert f"{word}撤回" in town.ask("delta", theirs.path).text
    for site in SITES:
        for method, path in (
            ("GET", f"/search/?q={word}"),
            ("POST", "/search/"),
            ("POST", "/"),
            ("GET", "/form-token/"),
        ):
            expect_words(town, site, town.ask(site, path, method))
    town.start_again()
    expect_all_is_well(town, word)


def expect_all_that_is_stored(town: Town) -> None:
    """Check that nginx gives every stored page and file of both sites, byte for byte."""
    for site in SITES:
        for path, content in town.stored(site).items():
            answer = town.ask(site, path)
            assert (answer.status, answer.body == content) == (200, True), (site, path, answer.status)


def expect_all_is_well(town: Town, word: str) -> None:
    """Check that both sites live on, that the withdrawn item stays withdrawn, and that a new one comes to stand on its pages."""
    stays, gone = town.items["gamma"]
    assert all(town.ask("gamma", path).status == 200 for path in addresses(stays))
    assert all(town.ask("gamma", path).status == 404 for path in addresses(gone))
    assert all(town.ask("delta", path).status == 200 for item in town.items["delta"] for path in addresses(item))
    expected = {f"{word}保留", f"{word}撤回", f"{word}恢复"}
    (new,) = publish_in(town.product, "delta", f"{word}恢复")
    paths = (new.path, "/dtyw/", "/")

    def is_shown() -> bool:
        return all(f"{word}恢复" in town.ask("delta", path).text for path in paths)

    wait_until(is_shown, 30, f"{paths} show what is new", town.product.last_words)
    assert f"{word}恢复" not in town.ask("gamma", "/").text
    citizen = town.visitor("gamma")
    wait_until(lambda: citizen.finds(word) >= expected, 60, "search finds what is public", town.product.last_words)
    assert len(citizen.search(word)["results"]) == 4
