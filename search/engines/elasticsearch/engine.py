"""ElasticsearchEngine: the cluster index behind one alias. Called through search.engine; the only door to the client."""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any

from elasticsearch import Elasticsearch

from search.engines.base import FEW_HITS, Hit, IndexEntry, Outcome, SearchPage, SearchRequest, Sort, Write
from search.engines.elasticsearch.bulk import send_all
from search.engines.elasticsearch.errors import translated
from search.engines.elasticsearch.indices import Indices
from search.engines.elasticsearch.query import build_occurrence, build_search
from search.models import Rebuild

#: A citizen waits; the PostgreSQL engine answers for one that takes longer.
SEARCH_TIMEOUT = 1.5
WRITE_TIMEOUT = 60.0


class ElasticsearchEngine:
    """Search in the index `<prefix>`; during a rebuild everything written goes to the new index as well."""

    name = "elasticsearch"

    def __init__(self, url: str, prefix: str, api_key: str = "") -> None:
        self.url, self.alias, self.api_key = url, prefix, api_key

    @cached_property
    def client(self) -> Elasticsearch:
        """The client, made at the first use so that every process has its own connections."""
        return Elasticsearch(
            self.url, api_key=self.api_key or None, request_timeout=WRITE_TIMEOUT, max_retries=0, retry_on_timeout=False
        )

    @cached_property
    def indices(self) -> Indices:
        """What makes, swaps and removes the indices behind the alias."""
        return Indices(self.client, self.alias)

    def write(self, writes: Iterable[Write], *, refresh: bool = False) -> Outcome:
        """Send to the index and, while one is being built, to the next one.

        Asked after the rows were read: what is written to the old index alone is what the rebuild's walk will see, or newer.
        """
        rebuilding = Rebuild.objects.filter(alias=self.alias).exists()
        targets = (self.alias, self.indices.next_alias) if rebuilding else (self.alias,)
        return send_all(self.client, writes, targets, refresh=refresh)

    def search(self, request: SearchRequest) -> SearchPage:
        """Ask strictly; with few hits ask loosely, unless by time, where loose hits would stand on top."""
        page = self._ask(request, strict=True)
        if page.total < FEW_HITS and request.sort is Sort.RELEVANCE:
            page = self._ask(request, strict=False)
        return page

    def _ask(self, request: SearchRequest, *, strict: bool) -> SearchPage:
        answer = self._run(build_search(request, strict=strict).to_dict())
        return SearchPage(
            hits=tuple(Hit(found["_id"], found["_score"] or 0.0) for found in answer["hits"]["hits"]),
            total=answer["hits"]["total"]["value"],
            counts={
                name: {str(bucket["key"]): bucket["doc_count"] for bucket in facet["values"]["buckets"]}
                for name, facet in answer["aggregations"].items()
            },
        )

    def _run(self, body: dict[str, Any]) -> dict[str, Any]:
        with translated():
            answer = self.client.options(request_timeout=SEARCH_TIMEOUT).search(index=self.alias, **_arguments(body))
            return dict(answer.body)

    def occurring(self, phrases: Sequence[str]) -> set[str]:
        """Return those of the phrases that stand in any document."""
        if not phrases:
            return set()
        counts = self._run(build_occurrence(list(phrases)).to_dict())["aggregations"]
        return {phrase for number, phrase in enumerate(phrases) if counts[str(number)]["doc_count"]}

    def count(self) -> int:
        """Return how many documents can be found."""
        with translated():
            return int(self.client.count(index=self.alias)["count"])

    def scan(self, after: str, limit: int) -> list[IndexEntry]:
        """Return the next entries in the order of their ids."""
        with translated():
            answer = self.client.search(
                index=self.alias, size=limit, sort="id", search_after=[after] if after else None, version=True,
                source=False, docvalue_fields=[{"field": "digest"}], track_total_hits=False,
            )  # fmt: skip
        return [
            IndexEntry(found["_id"], found["_version"], found["fields"]["digest"][0])
            for found in answer["hits"]["hits"]
        ]

    def forget(self, ids: Collection[str]) -> None:
        """Take out entries whatever their version."""
        if ids:
            with translated():
                self.client.bulk(index=self.alias, operations=[{"delete": {"_id": pk}} for pk in ids], refresh=True)

    def refresh(self) -> None:
        """Make everything written so far visible to searches."""
        with translated():
            self.client.indices.refresh(index=self.alias)


def _arguments(body: dict[str, Any]) -> dict[str, Any]:
    """Name the parts of a search body as the client's arguments do."""
    names = {"from": "from_", "_source": "source"}
    return {names.get(name, name): value for name, value in body.items()}
