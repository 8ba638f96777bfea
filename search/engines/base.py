"""What every search engine promises, and the values that go in and out.

Called by search.engine (which engine), drain, rebuild and reconcile; implemented by engines.elasticsearch and
engines.postgres, which both pass tests/search/test_engine_contract.py.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from search.documents import SearchDocument
from search.parsing import ParsedQuery

#: With fewer strict hits than this, documents that share only some of the query's words are added behind them.
FEW_HITS = 20
MAX_HITS = 10_000


class EngineUnavailable(Exception):
    """The engine does not answer: nothing is wrong with the query or the documents."""


class IndexMissing(EngineUnavailable):
    """The engine answers, but has no index yet: it must be built from the registry."""


class Sort(StrEnum):
    """Order of the results."""

    RELEVANCE = "relevance"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What must not be found any more, and the version from which on."""

    id: str
    version: int


Write = SearchDocument | Tombstone
Outcome = dict[str, Exception | None]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What an engine holds of one document, as reconcile compares it."""

    id: str
    version: int
    digest: str


@dataclass(frozen=True)
class SearchRequest:
    """One question to an engine. `public_sites` bounds everything, facets too; the other filters narrow the hits."""

    query: ParsedQuery
    public_sites: frozenset[str]
    sites: frozenset[str] | None = None
    column: str = ""
    column_class: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 10

    @property
    def is_filtered(self) -> bool:
        """Tell whether hits are narrowed further than to the public sites."""
        return self.sites is not None or bool(self.column or self.column_class or self.since or self.until)


@dataclass(frozen=True, slots=True)
class Hit:
    """One found document."""

    id: str
    score: float


@dataclass(frozen=True)
class SearchPage:
    """An engine's answer. `counts`: facet name (site, column, column_class, year) → value → hits, each without its own filter."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class SearchEngine(Protocol):
    """A search engine. Every method may raise EngineUnavailable."""

    name: str

    def write(self, writes: Iterable[Write], *, refresh: bool = False) -> Outcome:
        """Put documents in and take tombstones out, unless a newer version is known; return an error or None for each id."""

    def search(self, request: SearchRequest) -> SearchPage:
        """Answer a question."""

    def occurring(self, phrases: Sequence[str]) -> set[str]:
        """Return those of the phrases that stand in any document."""

    def count(self) -> int:
        """Return how many documents can be found."""

    def scan(self, after: str, limit: int) -> list[IndexEntry]:
        """Return the next entries in the order of their ids, so that the walk can be resumed."""

    def forget(self, ids: Collection[str]) -> None:
        """Take out entries that no registry row stands for, whatever their version."""

    def refresh(self) -> None:
        """Make everything written so far visible to searches."""
