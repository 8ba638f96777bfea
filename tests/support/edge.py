"""Application servers with stores of their own, in the test's process: visited, told of changes, read on disk.

Used by tests/cluster/edge and tests/bench. A visitor is Django's client, so that a page goes through the whole middleware.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.http import HttpResponse
from django.test import Client, override_settings

from cluster.edge.agent import EdgeAgent
from cluster.edge.checking import Difference, differences, entries_to_check
from cluster.edge.entries import Address
from cluster.edge.store import Store, page_store
from cluster.subsites.models import Subsite
from tests.support.working import work_until_idle


@dataclass
class EdgeBox:
    """One application server: its name, its folder, its agent."""

    name: str
    root: Path
    agent: EdgeAgent = field(default_factory=EdgeAgent)

    @contextmanager
    def here(self) -> Iterator[Store]:
        """Be this server for the block."""
        with override_settings(EDGE_ENABLED=True, EDGE_ROOT=self.root, EDGE_SERVER=self.name):
            yield page_store()

    def visit(self, site: Subsite, path: str = "/") -> HttpResponse:
        """Ask for a page as a citizen who never came before."""
        with self.here():
            return Client(HTTP_HOST=site.primary_host).get(path)

    def catch_up(self) -> None:
        """Let the registry and this server's agent work until nothing is left to do."""
        with self.here():
            work_until_idle()
            for _ in range(200):
                if not self.agent.run():
                    return
        raise AssertionError("the agent never became idle")

    def text(self, site: Subsite, path: str = "/", query: str = "", variant: str = "n") -> str | None:
        """Return what lies on the disk for an address; None where nothing does."""
        with self.here() as store:
            found = store.find(Address(site.primary_host, path, query, variant))
            return found.path.read_text() if found else None

    def pages_with(self, word: str) -> list[str]:
        """Return the stored pages that hold a word, as plain files below the folder."""
        plain = (path for path in self.root.rglob("*") if path.suffix in {".html", ".rss", ".xml", ".txt"})
        return sorted(str(path.relative_to(self.root)) for path in plain if path.is_file() and word in path.read_text())

    def wrong_pages(self) -> list[Difference]:
        """Return the stored pages that are not what a citizen would get now."""
        with self.here() as store:
            return [found for found in differences(store, entries_to_check(store)) if found]
