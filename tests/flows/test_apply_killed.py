"""An apply over several sites as a process of its own, killed in the middle of one (SIGKILL), or met by a second one.

On a database of its own: the other flows stay with the version they know.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from psycopg2 import sql

from tests.support.database import template_name
from tests.support.dropping import drop_database
from tests.support.running import Product, wait_until, with_database
from tests.support.truth import Truth

CODES = ("gamma", "delta", "epsilon", "zeta")
ORDER = ("alpha", "beta", *CODES)
STOP_AT = "delta"
DRAFT = """
from tests.support.templates import NEW_WORDS, draft
draft(add={"xslm": NEW_WORDS})
"""
ASK = """
from cluster.subsites.jobs import order_job
order_job("apply_columns", {"version": 2}, title="应用")
"""


@dataclass
class Cluster:
    """Six sites, a draft that adds a column to each, and a hand on the site at which the apply will have to wait."""

    product: Product
    truth: Truth
    hand: "psycopg2.extensions.connection"

    def hold(self) -> None:
        """Keep the home page of one site, which an apply writes last there: it has planted the column by then, uncommitted."""
        with self.hand.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM site_{STOP_AT}.columns_homepage FOR UPDATE")

    def let_go(self) -> None:
        """Open the hand."""
        self.hand.rollback()

    def waits(self) -> bool:
        """Whether somebody waits for that row."""
        waiting = """SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                     WHERE NOT l.granted AND a.datname = current_database()"""
        return bool(self.truth.rows(waiting)[0][0])

    def digest(self) -> str:
        """What plan says of the draft."""
        return str(self.truth.rows("SELECT digest FROM column_templates_templateversion WHERE number = 2")[0][0])

    def has_column(self, schema: str) -> bool:
        return bool(self.truth.rows(f"SELECT 1 FROM {schema}.columns_columnpage WHERE code = 'xslm'"))

    def version(self, code: str) -> int:
        found = """SELECT v.version FROM column_templates_siteversion v JOIN subsites_subsite s ON s.id = v.site_id
                   WHERE s.code = %s"""
        return int(self.truth.rows(found, [code])[0][0])

    def shell(self, code: str) -> None:
        done = self.product.manage("shell", "-v", "0", "-c", code)
        assert done.returncode == 0, done.stdout

    def check_all_or_nothing(self) -> None:
        """Of the sites before the one all is there, of it and the later ones nothing; nothing stands open."""
        place = ORDER.index(STOP_AT)
        for number, code in enumerate(ORDER):
            assert self.has_column(f"site_{code}") is (number < place), code
            assert (self.version(code) == 2) is (number < place), code
        assert self.has_column("base_county"), "moulds come first: a site that is born now has the version"
        assert self.truth.rows("SELECT count(*) FROM column_templates_opening") == [(0,)]
        assert self.truth.rows("SELECT number FROM column_templates_templateversion WHERE state = 'current'") == [(2,)]

    def check_whole(self) -> None:
        """Every site has the column once, its version and its line in the ledger; the columns are as the law says."""
        for code in ORDER:
            assert self.truth.rows(f"SELECT count(*) FROM site_{code}.columns_columnpage WHERE code = 'xslm'") == [(1,)]
            assert self.version(code) == 2
        applied = "SELECT site_code FROM audit_ledgerentry WHERE action = 'template_applied' ORDER BY id"
        assert [code for (code,) in self.truth.rows(applied)] == list(ORDER), "each once, in their order"
        checked = self.product.manage("check_columns")
        assert checked.returncode == 0, checked.stdout


@contextlib.contextmanager
def administering() -> Iterator["psycopg2.extensions.cursor"]:
    """Give a cursor for statements about databases, on the server of the run."""
    with contextlib.closing(psycopg2.connect(settings.DATABASE_URL)) as raw:
        raw.autocommit = True
        with raw.cursor() as cursor:
            yield cursor


@contextlib.contextmanager
def copy_of(source: str, name: str) -> Iterator[Product]:
    """Give a product on a copy of a database; both folder and copy go at the end."""
    with administering() as cursor:
        names = (sql.Identifier(name), sql.Identifier(source))
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG").format(*names))
    try:
        with tempfile.TemporaryDirectory(prefix="qz-killed-") as folder:
            web = with_database(settings.DATABASE_WEB_URL, name) if settings.DATABASE_WEB_URL else ""
            yield Product(Path(folder), with_database(settings.DATABASE_URL, name), web)
    finally:
        with administering() as cursor:
            drop_database(cursor, name)


@pytest.fixture(scope="module")
def six_sites(database: None) -> Iterator[str]:
    """Name a database with six sites and the draft; each test copies it."""
    name = f"killed_{os.getpid()}"
    with copy_of(template_name(), name) as product:
        for code in CODES:
            done = product.manage("open_site", code, "--name", f"{code}县", "--kind", "county", "--region", "230183")
            assert done.returncode == 0, done.stdout
        done = product.manage("shell", "-v", "0", "-c", DRAFT)
        assert done.returncode == 0, done.stdout
        yield name


@pytest.fixture
def cluster(six_sites: str) -> Iterator[Cluster]:
    """Copy it, and take hold of the site."""
    with (
        copy_of(six_sites, f"{six_sites}_copy") as product,
        contextlib.closing(psycopg2.connect(product.database_url)) as hand,
    ):
        one = Cluster(product, Truth(product.database_url), hand)
        one.hold()
        yield one


def test_a_killed_apply_goes_on_where_it_was(cluster: Cluster) -> None:
    first = cluster.product.begin("column_templates", "apply", "--digest", cluster.digest())
    wait_until(cluster.waits, 60, "the apply works on the site that is held")
    first.kill()
    first.communicate()
    cluster.let_go()
    wait_until(lambda: not cluster.waits(), 30, "the dead process's transaction is gone")
    cluster.check_all_or_nothing()
    again = cluster.product.manage("column_templates", "apply", "--version", "2", "--format", "json")
    assert again.returncode == 0, again.stdout
    report = json.loads(again.stdout)
    assert list(report["done"]) == list(ORDER[ORDER.index(STOP_AT) :])
    assert report["failed"] == {}
    # The moulds of six kinds but the console's, and the sites that were done.
    assert report["untouched"] == 5 + ORDER.index(STOP_AT)
    cluster.check_whole()
    last = cluster.product.manage("column_templates", "apply", "--version", "2")
    assert "调整 0 个站点，11 个已经一致" in last.stdout


def test_a_killed_worker_goes_on_with_its_job(cluster: Cluster) -> None:
    cluster.shell(ASK)
    worker = cluster.product.worker
    worker.start()
    try:
        wait_until(cluster.waits, 60, "the worker works on the site that is held", cluster.product.last_words)
        cluster.product.kill_worker()
        cluster.let_go()
        wait_until(lambda: not cluster.waits(), 30, "the dead process's transaction is gone")
        cluster.check_all_or_nothing()
        # Its lease runs out in a minute; the test does not wait so long.
        with cluster.hand, cluster.hand.cursor() as cursor:
            cursor.execute(
                "UPDATE subsites_job SET heartbeat_at = now() - interval '1 hour' WHERE kind = 'apply_columns'"
            )
        worker.start()
        state = "SELECT state, message, log::text FROM subsites_job WHERE kind = 'apply_columns'"
        wait_until(lambda: cluster.truth.rows(state)[0][0] == "done", 90, "the job is done", cluster.product.last_words)
    finally:
        worker.stop()
    _, message, log = cluster.truth.rows(state)[0]
    assert message == "第 2 版：调整 3 个站点，8 个已经一致。"
    for code in ORDER:
        assert f"（{code}）" in log
    cluster.check_whole()


def test_a_second_apply_is_refused_while_the_first_is_at_work(cluster: Cluster) -> None:
    first = cluster.product.begin("column_templates", "apply", "--digest", cluster.digest())
    wait_until(cluster.waits, 60, "the apply works on the site that is held")
    second = cluster.product.manage("column_templates", "apply", "--version", "2")
    assert second.returncode == 1
    assert "正在进行" in second.stdout
    assert "Traceback" not in second.stdout
    cluster.let_go()
    said, _ = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert "调整 8 个站点" in said
    cluster.check_whole()
