"""Documents and registry rows for the tests of search, with sensible values for all that a test does not care about."""

import hashlib
import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from search.documents import SearchDocument, title_key
from search.engines.base import SearchEngine, SearchPage, SearchRequest
from search.parsing import parse_query
from search.pinyin import syllables_of

PUBLISHED_AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
_numbers = itertools.count(1)


def make_document(title: str, body: str = "正文", **fields: Any) -> SearchDocument:
    """Return a document of site alpha."""
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "version": 1,
        "digest": "0" * 16,
        "site": "alpha",
        "title": title,
        "title_key": title_key(title),
        "syllables": tuple(syllables_of(title)),
        "body": body,
        "region_name": "",
        "doc_numbers": (),
        "column": "dtyw",
        "column_class": "realtime",
        "published_at": PUBLISHED_AT,
    }
    return SearchDocument(**(values | fields))


def make_row(site: Subsite, title: str, text: str = "正文", **fields: Any) -> Resource:
    """Write a published row of the registry and return it as the triggers left it."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "site": site,
        "page_id": 900_000 + number,
        "page_type": "content.ArticlePage",
        "state": "published",
        "title": title,
        "text": text,
        "path": f"/dtyw/{number}/",
        "column_code": "dtyw",
        "column_name": "动态要闻",
        "column_class": "realtime",
        "published_at": PUBLISHED_AT,
        "content_hash": hashlib.sha256(f"{title}{text}".encode()).hexdigest(),
    }
    row = Resource.objects.create(**(values | fields))
    row.refresh_from_db()
    return row


def withdraw(row: Resource) -> Resource:
    """Withdraw a row, as the projection does."""
    Resource.objects.filter(pk=row.pk).update(state="withdrawn", withdrawn_at=datetime.now(UTC), text="", summary="")
    row.refresh_from_db()
    return row


def ask(engine: SearchEngine, text: str, **fields: Any) -> SearchPage:
    """Put a query to an engine, over sites alpha and beta."""
    fields.setdefault("public_sites", frozenset({"alpha", "beta"}))
    return engine.search(SearchRequest(query=parse_query(text), **fields))


def found_ids(engine: SearchEngine, text: str, **fields: Any) -> list[str]:
    """Return the ids that a query finds, best first."""
    return [hit.id for hit in ask(engine, text, **fields).hits]
