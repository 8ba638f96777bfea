"""What really stands in pages, registry and indices, read by plain SQL and HTTP, past the product's own code.

Used by tests/flows after a fault: whatever was killed, the four must say the same of every item, version by version.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

Versions = dict[str, int]

# Live articles and columns of a site, whose address lies below the site's root, with their registry row if there is one.
_PAGES = """SELECT p.id, r.id::text FROM {schema}.wagtailcore_page p
    LEFT JOIN public.resources_resource r ON r.page_id = p.id AND r.site_id = %s AND r.state = 'published'
    WHERE p.live AND EXISTS (SELECT 1 FROM {schema}.content_articlepage a WHERE a.page_ptr_id = p.id)"""


@dataclass(frozen=True)
class Truth:
    """One installation's stores."""

    database_url: str
    elasticsearch_url: str = ""
    index: str = ""

    def rows(self, statement: str, values: object = None) -> list[tuple[Any, ...]]:
        """Return the rows of a statement; each call sees what is committed now."""
        with contextlib.closing(psycopg2.connect(self.database_url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def registry(self) -> Versions:
        """Return id → version of what the registry calls published."""
        return dict(self.rows("SELECT id::text, version FROM resources_resource WHERE state = 'published'"))

    def table(self) -> Versions:
        """Return id → version of what PostgreSQL's engine can find."""
        return dict(self.rows("SELECT id::text, version FROM search_postgresdocument WHERE tokens IS NOT NULL"))

    def elasticsearch(self) -> Versions:
        """Return id → version of what Elasticsearch can find."""
        with contextlib.closing(Elasticsearch(self.elasticsearch_url, request_timeout=30)) as client:
            client.indices.refresh(index=self.index)
            query = {"query": {"match_all": {}}, "version": True, "_source": False}
            return {hit["_id"]: hit["_version"] for hit in scan(client, index=self.index, query=query)}

    def indices(self) -> list[str]:
        """Return the names of all indices under the prefix, hidden ones too."""
        with contextlib.closing(Elasticsearch(self.elasticsearch_url, request_timeout=30)) as client:
            return sorted(client.indices.get(index=f"{self.index}*", expand_wildcards="all"))

    def delete_indices(self) -> None:
        """Delete all indices under the prefix, as a lost disk would."""
        with contextlib.closing(Elasticsearch(self.elasticsearch_url, request_timeout=30)) as client:
            for name in self.indices():
                client.indices.delete(index=name)

    def waiting(self) -> int:
        """Return how many marks and changes are not yet worked off; fails where one was put aside."""
        parked = self.rows(
            "SELECT error FROM resources_mark WHERE parked_at IS NOT NULL"
            " UNION ALL SELECT error FROM resources_change WHERE parked_at IS NOT NULL"
        )
        assert not parked, parked
        counts = "SELECT (SELECT count(*) FROM resources_mark) + (SELECT count(*) FROM resources_change)"
        return int(self.rows(counts)[0][0])

    def pages_without_row(self) -> list[tuple[str, int]]:
        """Return (site, page id) of live articles that the registry does not know."""
        return [(site, page) for site, page, row in self._pages() if row is None]

    def rows_without_page(self) -> list[str]:
        """Return titles of published article rows whose page is not live."""
        live = {row for _, _, row in self._pages()}
        published = "SELECT id::text, title FROM resources_resource WHERE state = 'published' AND page_type = %s"
        return [title for pk, title in self.rows(published, ["content.ArticlePage"]) if pk not in live]

    def _pages(self) -> Iterator[tuple[str, int, str | None]]:
        sites = (
            "SELECT id, code, schema_name FROM subsites_subsite WHERE state IN ('open', 'trial') AND kind <> 'console'"
        )
        for pk, code, schema in self.rows(sites):
            for page, row in self.rows(_PAGES.format(schema=f'"{schema}"'), [pk]):
                yield code, page, row

    def check(self) -> None:
        """Fail unless pages, registry and every index say the same of every item, by id and version."""
        assert self.pages_without_row() == [], "live pages that the registry does not know"
        assert self.rows_without_page() == [], "published rows whose page is gone or withdrawn"
        registry = self.registry()
        assert differences(registry, self.table()) == [], "registry and PostgreSQL's index"
        if self.elasticsearch_url:
            assert differences(registry, self.elasticsearch()) == [], "registry and Elasticsearch"


def differences(registry: Versions, index: Versions) -> list[tuple[str, int | None, int | None]]:
    """Return (id, version here, version there) for at most ten items on which the two differ."""
    ids = sorted(pk for pk in registry.keys() | index.keys() if registry.get(pk) != index.get(pk))
    return [(pk, registry.get(pk), index.get(pk)) for pk in ids[:10]]
