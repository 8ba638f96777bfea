"""Ask an engine and verify its answer against the registry. Called by queries and search_eval, for a page or for fifty.

An engine only says which resources, in which order. What was withdrawn a moment ago, or lies on a site that closed, is
dropped here however late the index is; weights (search.ranking) and spelling (search.correction) are applied here, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from cluster.resources.models import Resource, ResourceState
from search.correction import corrected_text
from search.engines.base import Hit, SearchEngine, SearchPage, SearchRequest, Sort
from search.normalize import fold_text
from search.parsing import ParsedQuery, parse_query
from search.ranking import WINDOW, Weighed, ranked

_FIELDS = (
    "source_id", "site__code", "site__schema_name", "title", "path", "summary", "column_code", "column_name", "published_at", "level",
    "is_current", "validity", "doc_no", "document_ids",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What was found on one page, with the query that found it: `corrected` is its text if it is not the one asked."""

    rows: tuple[Resource, ...]
    total: int
    page: SearchPage
    query: ParsedQuery
    corrected: str = ""


def find(engine: SearchEngine, request: SearchRequest, page: int, size: int) -> Found:
    """Return a page of verified rows, for the query as it was meant."""
    first = _window(engine, request)
    if request.sort is Sort.TIME and first.total:
        return _paged(engine, request, first, page, size)
    titles = [fold_text(row.title) for row in first.rows]
    meant = corrected_text(request.query, titles, engine.occurring)
    if meant is None:
        return _paged(engine, request, first, page, size)
    request = replace(request, query=parse_query(meant))
    return replace(_paged(engine, request, _window(engine, request), page, size), corrected=meant)


def _window(engine: SearchEngine, request: SearchRequest) -> Found:
    """Return the first hits, verified and weighed."""
    return _verified(engine.search(replace(request, offset=0, limit=WINDOW)), request)


def _paged(engine: SearchEngine, request: SearchRequest, first: Found, page: int, size: int) -> Found:
    """Return one page: cut from the first hits, or asked for by itself behind them."""
    start = (page - 1) * size
    if start + size <= WINDOW:
        return replace(first, rows=first.rows[start : start + size])
    return _verified(engine.search(replace(request, offset=start, limit=size)), request, weigh=False)


def _verified(answer: SearchPage, request: SearchRequest, *, weigh: bool = True) -> Found:
    """Read the hits' rows in one query and drop those that nobody may see now."""
    rows = {str(row.pk): row for row in _public_rows([hit.id for hit in answer.hits], request.public_sites)}
    hits = [hit for hit in answer.hits if hit.id in rows]
    ids = _weighed(hits, rows) if weigh and request.sort is Sort.RELEVANCE else [hit.id for hit in hits]
    gone = len(answer.hits) - len(hits)
    return Found(tuple(rows[pk] for pk in ids), max(0, answer.total - gone), answer, request.query)


def _public_rows(ids: Sequence[str], public_sites: frozenset[str]) -> list[Resource]:
    rows = Resource.objects.filter(pk__in=ids, state=ResourceState.PUBLISHED, site__code__in=public_sites)
    return list(rows.select_related("site").only(*_FIELDS))


def _weighed(hits: Sequence[Hit], rows: dict[str, Resource]) -> list[str]:
    weighed = [
        Weighed(hit.id, hit.score, rows[hit.id].level, rows[hit.id].is_current, rows[hit.id].published_at)
        for hit in hits
    ]
    return ranked(weighed, timezone.now())
