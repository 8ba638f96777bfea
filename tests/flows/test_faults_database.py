"""PostgreSQL killed under publishing and importing, an import killed: all or nothing of each, and all recovers by itself."""

import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.conf import settings

from tests.flows.conftest import an_index_prefix, has_index
from tests.support.citizen import Visitor
from tests.support.crowd import write_import_file
from tests.support.own_postgres import OwnPostgres, own_postgres
from tests.support.running import Product, serving, wait_until
from tests.support.truth import Truth
from tests.support.wire import Wire

EDITORS = 3
RECORDS = 1200
MAKE_EDITOR = """
from cluster.subsites.models import Subsite
from tests.support.accounts import make_account
make_account(Subsite.objects.get(code="alpha"), "editor", "yuan")
"""


@dataclass
class Installation:
    """A whole installation of its own: server, product, and what is true of it."""

    postgres: OwnPostgres
    product: Product
    truth: Truth
    wire: Wire | None

    def settle(self) -> None:
        """Wait until the feed is empty, and let pages, registry and indices be compared."""
        wait_until(lambda: self.truth.waiting() == 0, 60, "the feed is empty", self.product.last_words)
        self.truth.check()

    def column(self, code: str) -> int:
        """Return the page id of a column of alpha."""
        found = self.truth.rows("SELECT page_ptr_id FROM site_alpha.columns_columnpage WHERE code = %s", [code])
        return int(found[0][0])

    def titles(self, word: str) -> list[str]:
        """Return the titles of alpha's live pages that hold the word."""
        live = "SELECT title FROM site_alpha.wagtailcore_page WHERE live AND title LIKE %s"
        return [title for (title,) in self.truth.rows(live, [f"%{word}%"])]

    def imported(self, word: str) -> list[str]:
        """Return the source ids of the published documents that hold the word."""
        known = "SELECT source_id FROM resources_resource WHERE state = 'published' AND source_id LIKE %s"
        return [source_id for (source_id,) in self.truth.rows(known, [f"{word}%"])]


@pytest.fixture(scope="module")
def own(database: None) -> Iterator[Installation]:
    """Start the installation: PostgreSQL, gunicorn, worker; Elasticsearch is the run's."""
    url = settings.SEARCH_ELASTICSEARCH_URL
    with tempfile.TemporaryDirectory(prefix="qz-own-") as name, an_index_prefix(url, "own") as prefix:
        var, wire = Path(name), Wire(url) if url else None
        with own_postgres(var, run_url=settings.DATABASE_URL, run_web_url=settings.DATABASE_WEB_URL) as postgres:
            product = Product(var, postgres.url, postgres.web_url, wire.url if wire else "", prefix)
            product.collect_static(Path(settings.VAR_DIR) / "flows")
            made = product.manage("shell", "-v", "0", "-c", MAKE_EDITOR)
            assert made.returncode == 0, made.stdout
            with serving(product):
                wait_until(lambda: has_index(url, prefix), 60, "the index is there", product.last_words)
                yield Installation(postgres, product, Truth(postgres.url, url, prefix), wire)
        if wire:
            wire.cut()


@dataclass
class Writer:
    """An editor who publishes one article after another and notes which of them were accepted."""

    own: Installation
    column: int
    word: str
    accepted: list[str] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Publish until told to stop, whatever the answers are."""
        visitor = Visitor(self.own.product, "alpha").sign_in("yuan")
        number = 0
        while not stop.is_set():
            number += 1
            title = f"{self.word}之{number}"
            try:
                status = visitor.publish(self.column, title).status_code
            except (requests.RequestException, AssertionError):
                status = 0
                time.sleep(0.1)
            if status == 302:
                self.accepted.append(title)
            else:
                self.refused.append((title, status))


class TestPublishing:
    @pytest.mark.parametrize("what", ["every process", "one backend"])
    def test_postgresql_killed(self, own: Installation, what: str) -> None:
        word = f"停电{uuid4().hex[:6]}"
        column = own.column("dtyw")
        writers = [Writer(own, column, f"{word}{letter}") for letter in "甲乙丙"[:EDITORS]]
        stop = threading.Event()
        threads = [threading.Thread(target=writer.run, args=(stop,)) for writer in writers]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: all(len(writer.accepted) >= 2 for writer in writers), 60, "editors publish")
            if what == "every process":
                own.postgres.kill_all()
                # A page that is stored stands; what must ask the database says that it cannot.
                assert Visitor(own.product, "alpha").get("/").status_code in (200, 503)
                answer = Visitor(own.product, "alpha").get(f"/search/?q={word}")
                assert answer.status_code == 503, answer.status_code
                assert "Traceback" not in answer.text
                assert "搜索" in answer.text or "检索" in answer.text or "请稍后" in answer.text
                own.postgres.server.start()
            else:
                own.postgres.kill_one_backend()
            before = [len(writer.accepted) for writer in writers]
            wait_until(
                lambda: all(len(w.accepted) >= n + 2 for w, n in zip(writers, before, strict=True)),
                60,
                "editors publish again, without anybody restarting anything",
                own.product.last_words,
            )
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        own.settle()
        live = own.titles(word)
        accepted = {title for writer in writers for title in writer.accepted}
        assert len(live) == len(set(live)), "published twice"
        assert accepted <= set(live), "accepted and lost"
        visitor = Visitor(own.product, "beta")
        for title in list(accepted)[-4:]:
            assert title in visitor.finds(title)


class TestImport:
    @pytest.mark.parametrize("what", ["the import", "PostgreSQL", "worker and Elasticsearch"])
    def test_killed_in_the_middle_and_repeated(self, own: Installation, tmp_path: Path, what: str) -> None:
        word = f"入库{uuid4().hex[:6]}"
        file = tmp_path / "documents.jsonl"
        wanted = write_import_file(file, word, RECORDS)
        command = (
            "import_documents",
            str(file),
            "--site",
            "alpha",
            "--column",
            "zcwj",
            "--actor",
            "李雷",
            "--reason",
            "入库",
        )
        process = own.product.begin(*command)
        wait_until(lambda: own.imported(word), 60, "the first batch is in")
        if what == "the import":
            process.kill()
        elif what == "PostgreSQL":
            own.postgres.kill_all()
        else:
            own.product.kill_worker()
            if own.wire:
                own.wire.cut()
        said, _ = process.communicate(timeout=60)
        if what == "PostgreSQL":
            own.postgres.server.start()
            assert process.returncode == 1, said
            assert "重新运行" in said
        assert "Traceback" not in said
        if what == "worker and Elasticsearch":
            assert process.returncode == 0, said
            own.product.start_worker()
            if own.wire:
                own.wire.mend()
        else:
            found = own.imported(word)
            assert len(found) < RECORDS, "it was killed too late to show anything"
            assert len(found) == len(own.titles(word)), "a batch is half there"
        again = own.product.manage(*command)
        assert again.returncode == 0, again.stdout
        own.settle()
        assert sorted(own.imported(word)) == sorted(wanted)
        assert len(own.titles(word)) == RECORDS
        assert Visitor(own.product, "beta").search(word)["count"] >= RECORDS
        last = own.product.manage(*command)
        assert f"未变化 {RECORDS}" in last.stdout


@pytest.mark.elasticsearch
def test_postgresql_killed_in_the_middle_of_a_rebuild(own: Installation, elasticsearch_url: str) -> None:
    own.settle()
    own_wire = Wire(elasticsearch_url)
    own_wire.hold_answer_to(b"_refresh")
    rebuild = own.product.begin("search_rebuild", "--engine", "elasticsearch", elasticsearch_url=own_wire.url)
    own_wire.wait_held(60)
    own.postgres.kill_all()
    own_wire.mend()
    said, _ = rebuild.communicate(timeout=60)
    own.postgres.server.start()
    assert rebuild.returncode == 1, said
    assert "Traceback" not in said
    assert "重新运行" in said
    again = own.product.manage("search_rebuild")
    assert again.returncode == 0, again.stdout
    own.settle()
    assert len(own.truth.indices()) == 1
