"""Turn a ParsedQuery into an Elasticsearch query, by elasticsearch.dsl. Called by the engine; pure.

The weights are measured (search/README.md): two-character words carry most, a title weighs twice a body, a whole title,
a document number or a spelled-out title decides alone.
"""

import re

from elasticsearch.dsl import A, Q, Search
from elasticsearch.dsl.aggs import Agg
from elasticsearch.dsl.query import Query

from search.documents import title_key
from search.engines.base import SearchRequest, Sort
from search.parsing import ParsedQuery

#: A hit must share this much of the query's two-character words; the loose query only this much.
STRICT, LOOSE = "2<60%", "2<30%"
#: Or this much of its characters in the title.
STRICT_TITLE, LOOSE_TITLE = "3<75%", "2<75%"
MAX_PHRASE_LENGTH = 60
SHORT = 3
_FACETS = {"site": 2000, "column": 60, "column_class": 10, "year": 60}


def _match(field: str, text: str, boost: float, **options: object) -> Query:
    return Q("match", **{field: {"query": text, "boost": boost, **options}})


def _phrase(field: str, text: str, boost: float, slop: int = 0) -> Query:
    return Q("match_phrase", **{field: {"query": text, "boost": boost, "slop": slop}})


def _starting(field: str, value: str, points: float) -> Query:
    return Q("prefix", **{field: {"value": value, "boost": points}})


def _exactly(field: str, value: str, points: float) -> Query:
    """Return a clause worth so many points in an index of any size; a rarity would make it worthless in a small one."""
    return Q("constant_score", filter=Q("term", **{field: value}), boost=points)


def _sure_clauses(query: ParsedQuery) -> list[Query]:
    """Return the clauses of which one alone makes a hit."""
    core = " ".join(query.parts)[:MAX_PHRASE_LENGTH]
    key = title_key(core)
    room = 0 if len(query.core) <= SHORT else 1  # two or three characters apart are no word any more
    clauses = [_phrase("title", core, 4, 2 * room), _phrase("body", core, 1, 3 * room)]
    if key:
        clauses += [_exactly("title_key", key, 400), _starting("title_key", key, 15)]
    clauses += [_exactly("doc_number", number, 400) for number in query.doc_numbers]
    if query.doc_numbers:
        clauses.append(_phrase("body", query.text, 5, 1))
    for term in query.terms:
        clauses += [_phrase("title", term, 2.5), _phrase("body", term, 1.5)]
    if query.homophones:
        clauses.append(_phrase("pinyin", " ".join(query.homophones), 6))
    return clauses + _pinyin_clauses(query)


def _pinyin_clauses(query: ParsedQuery) -> list[Query]:
    """Return the clauses for letters: spelled titles, or initials where the letters spell nothing longer."""
    clauses = []
    for spelling in query.spellings:
        spelled = " ".join(spelling)
        clauses += [
            _phrase("pinyin", spelled, 10),
            _exactly("pinyin_key", "".join(spelling), 300),
            _match("pinyin", spelled, 1, minimum_should_match="80%"),
        ]
    if len(query.letters) >= 2 and not any(len(spelling) > 1 for spelling in query.spellings):
        clauses += [
            _exactly("initials", query.letters, 400),
            Q("wildcard", initials={"value": f"*{query.letters}*", "boost": 10}),
        ]
    return clauses


def _word_clauses(query: ParsedQuery) -> list[Query]:
    """Return the clauses that add up: the more of the words, and the rarer, the higher."""
    clauses = []
    for part in query.parts:
        clauses += [_match("title.pairs", part, 2), _match("body.pairs", part, 1), _match("region.pairs", part, 2)]
    clauses.append(_match("title", " ".join(query.parts), 1, minimum_should_match="60%"))
    return clauses


def _gate(query: ParsedQuery, *, strict: bool) -> Query:
    """Return what a document must fulfil to be a hit at all; scores come from elsewhere."""
    words, share = " ".join(query.parts), STRICT if strict else LOOSE
    enough = [_match(field, words, 1, minimum_should_match=share) for field in ("title.pairs", "body.pairs")]
    enough.append(_match("title", words, 1, minimum_should_match=STRICT_TITLE if strict else LOOSE_TITLE))
    if any(len(part) == 1 or not re.search("[\u3400-\u9fff]", part) for part in query.parts):
        # pairs glues single characters and Latin words to their neighbours; alone they match only here
        enough.append(_match("body", words, 1, minimum_should_match=share))
    return Q("bool", should=enough + _sure_clauses(query), minimum_should_match=1)


def _filters(request: SearchRequest) -> dict[str, Query]:
    """Return facet name → the filter the user set by it."""
    filters: dict[str, Query] = {}
    if request.sites is not None:
        filters["site"] = Q("terms", site=sorted(request.sites))
    for name, value in (("column", request.column), ("column_class", request.column_class)):
        if value:
            filters[name] = Q("term", **{name: value})
    if request.since or request.until:
        span = {name: value.isoformat() for name, value in (("gte", request.since), ("lt", request.until)) if value}
        filters["year"] = Q("range", published_at=span)
    return filters


def _facet(name: str, size: int, filters: dict[str, Query]) -> Agg:
    """Return the counts of one facet under the filters of the others."""
    others = [query for other, query in filters.items() if other != name]
    return A(
        "filter",
        Q("bool", filter=others) if others else Q("match_all"),
        aggs={"values": A("terms", field=name, size=size)},
    )


def build_search(request: SearchRequest, *, strict: bool) -> Search:
    """Return the whole search: scores from all clauses, gate, public sites, filters, facets, order and page."""
    query, filters = request.query, _filters(request)
    scored = Q("bool", should=_word_clauses(query) + _sure_clauses(query), minimum_should_match=1)
    bounds = [_gate(query, strict=strict), Q("terms", site=sorted(request.public_sites))]
    search = Search().query(Q("bool", must=[scored], filter=bounds))
    if filters:
        search = search.post_filter(Q("bool", filter=list(filters.values())))
    for name, size in _FACETS.items():
        search.aggs.bucket(name, _facet(name, size, filters))
    if request.sort is Sort.TIME:
        search = search.sort({"published_at": {"order": "desc"}}, "_score")
    return search.source(False)[request.offset : request.offset + request.limit].extra(track_total_hits=True)


def build_occurrence(phrases: list[str]) -> Search:
    """Return a search that counts, for each phrase, the documents in which it stands."""
    search = Search().source(False)[0:0].extra(track_total_hits=False)
    for number, phrase in enumerate(phrases):
        found = Q("bool", should=[_phrase("title", phrase, 1), _phrase("body", phrase, 1)])
        search.aggs.bucket(str(number), "filter", filter=found)
    return search
