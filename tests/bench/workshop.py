"""Workshop: a database, an index prefix and a data folder for one run of the bench, and the product on them.

Made by __main__, which sets the environment before Django reads it; everything is removed at the end.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import psycopg2
import requests
from psycopg2 import sql

from deploy.launcher.options import REPO
from tests.support.dropping import drop_database
from tests.support.running import Product, serving, wait_until, with_database

PROVINCE = REPO / "deploy" / "demo" / "province-113.csv"
# The sites that every measurement may count on, whether or not the other 110 are open.
FEW = ("province", "harbin", "qiqihar")


class BenchFailed(Exception):
    """A step of the preparation did not work; the figure cannot be measured."""


class Workshop:
    """One run's installation."""

    def __init__(self, static: Path) -> None:
        """Name everything after this process; nothing is made yet but the folder."""
        self.given_url = os.environ["DATABASE_URL"]
        self.given_web_url = os.environ.get("DATABASE_WEB_URL", "")
        self.elasticsearch_url = os.environ.get("ELASTICSEARCH_URL", "")
        self.name = f"bench_{os.getpid()}"
        self.static = static
        self.folder = Path(tempfile.mkdtemp(prefix="qz-bench-"))

    def enter(self) -> None:
        """Make the database and point this process at it, before Django starts."""
        self.make_database(self.name)
        # This process renders, too: it must know the names of the static files, and with them the generation of the page store.
        self.product.collect_static(self.static)
        os.environ.update(self.product.environment)
        os.environ["LOG_LEVEL"] = "WARNING"
        import django

        django.setup()

    def leave(self) -> None:
        """Remove everything."""
        from django.db import connections

        connections.close_all()
        with contextlib.suppress(psycopg2.Error):
            for name in (self.name, f"{self.name}_demo"):
                self.drop_database(name)
        if self.elasticsearch_url:
            with contextlib.suppress(requests.RequestException):
                self._remove_indices()
        shutil.rmtree(self.folder, ignore_errors=True)

    def product_on(self, name: str) -> Product:
        """Return a product on a database and an index prefix of this name, with a data folder of its own."""
        var = self.folder / name
        var.mkdir()
        product = Product(
            var,
            database_url=with_database(self.given_url, name),
            database_web_url=with_database(self.given_web_url, name) if self.given_web_url else "",
            elasticsearch_url=self.elasticsearch_url,
            index_prefix=name.replace("_", "-"),
        )
        product.environment["LOG_LEVEL"] = "WARNING"
        return product

    @cached_property
    def product(self) -> Product:
        """The product that all figures but memory are measured on."""
        return self.product_on(self.name)

    @cached_property
    def moulds(self) -> float:
        """Migrate the database; return the seconds it took."""
        return self.command(self.product, "migrate_cluster", timeout=900)

    @cached_property
    def few_sites(self) -> tuple[str, ...]:
        """Open the province portal, two cities and the console, if they are not open; return the codes of the cities."""
        _ = self.moulds
        lines = PROVINCE.read_text(encoding="utf-8").splitlines()
        few = [line for line in lines[1:] if line.split(",")[0] in FEW]
        path = self.folder / "few.csv"
        path.write_text("\n".join([lines[0], *few, "console,站群管理控制台,console,,,"]) + "\n", encoding="utf-8")
        self.command(self.product, "open_sites", str(path))
        return FEW[1:]

    @cached_property
    def all_sites(self) -> tuple[float, int]:
        """Open the sites of the province that are not open; return the seconds it took, and how many it were."""
        from cluster.subsites.models import Subsite

        _ = self.moulds
        before = Subsite.objects.count()
        seconds = self.command(self.product, "open_sites", str(PROVINCE), timeout=1800)
        count = Subsite.objects.count() - before
        _ = self.few_sites
        return seconds, count

    @contextlib.contextmanager
    def running(self) -> Iterator[Product]:
        """Give the product with gunicorn and the worker at work and nothing left to do."""
        _ = self.few_sites
        with serving(self.product):
            self.wait_until_idle()
            yield self.product

    def wait_until_idle(self, seconds: float = 900) -> None:
        """Wait until the worker has worked off everything."""
        from cluster.resources.backlog import feed_status
        from cluster.resources.models import Consumer

        def is_idle() -> bool:
            status = feed_status()
            return Consumer.objects.exists() and not status.marks and not any(status.changes.values())

        wait_until(is_idle, seconds, "the worker has nothing left to do", self.product.last_words)

    def command(self, product: Product, *arguments: str, timeout: float = 600) -> float:
        """Run a management command as operators do; return the seconds of the whole process."""
        began = time.perf_counter()
        done = product.manage(*arguments, timeout=timeout)
        if done.returncode:
            raise BenchFailed(f"{arguments[0]} 失败：{done.stdout[-2000:]}")
        return time.perf_counter() - began

    def make_database(self, name: str) -> None:
        """Make an empty database beside the given one."""
        with self._administering() as cursor:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
            )

    def drop_database(self, name: str) -> None:
        """Drop a database whoever is connected."""
        with self._administering() as cursor:
            drop_database(cursor, name)

    @contextlib.contextmanager
    def _administering(self) -> Iterator["psycopg2.extensions.cursor"]:
        with contextlib.closing(psycopg2.connect(self.given_url)) as raw:
            raw.autocommit = True
            with raw.cursor() as cursor:
                yield cursor

    def _remove_indices(self) -> None:
        prefix = self.name.replace("_", "-")
        found = requests.get(f"{self.elasticsearch_url}/{prefix}*?expand_wildcards=all", timeout=30).json()
        for index in found:
            requests.delete(f"{self.elasticsearch_url}/{index}", timeout=30)
