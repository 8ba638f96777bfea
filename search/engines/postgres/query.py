"""Turn a SearchRequest into one SQL statement. Called by the PostgreSQL engine; pure.

Each word is one branch that the GIN index answers alone, weighted by how rare it is (the count of its own rows), and a
document's score is the sum of its branches: BM25 without reading a single text. ts_rank knows no rarity and reads every
tsvector it ranks; measured on the laws this is better by .17 nDCG and faster.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from search.documents import title_key
from search.engines.base import FEW_HITS, SearchRequest, Sort
from search.engines.postgres.tokens import words_of
from search.parsing import ParsedQuery
from search.pinyin import syllable_pairs

TABLE = "public.search_postgresdocument"
STRICT_SHARE, LOOSE_SHARE, TITLE_SHARE = 0.5, 0.25, 0.75
MAX_WORDS = 40
#: Kinds of branches: words count from 1, characters of the title from here, a sure one makes a hit by itself.
_CHARACTERS, _SURE = 1000, -1


@dataclass
class _Branches:
    """The branches of one statement and their parameters, in order."""

    total: int
    parts: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def add(self, condition: str, value: object, weight: float, *, kind: int = 0, rare: bool = True) -> None:
        """Add a branch. `kind`: the number of the word it matches, _SURE for one that makes a hit by itself, 0 for neither."""
        rarity = f"* ln(1 + greatest({self.total} - count(*) OVER () + 0.5, 0.5) / (count(*) OVER () + 0.5))"
        self.parts.append(
            f"SELECT id, {weight}::float8 {rarity if rare else ''} AS weight, {kind} AS kind FROM {TABLE}"
            f" WHERE {condition}"
        )
        self.parameters.append(value)


def lexemes(words: list[str], prefix: str = "") -> str:
    """Return a tsquery literal that asks for all the words."""
    return " & ".join("'" + (prefix + word).replace("\\", "\\\\").replace("'", "''") + "'" for word in words)


def _pattern(text: str) -> str:
    """Return the text with LIKE's own signs made harmless."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_TOKENS = "tokens @@ %s::tsquery"


def _word_branches(branches: _Branches, query: ParsedQuery) -> tuple[int, int]:
    """Add what adds up word by word; return how many different words and characters there are."""
    words = list(dict.fromkeys(word for part in query.parts for word in words_of(part)))[:MAX_WORDS]
    for number, word in enumerate(words, start=1):
        branches.add(_TOKENS, lexemes([word]), 1, kind=number)
        branches.add(_TOKENS, lexemes([f"{word}+"]), 0.4)
        branches.add(_TOKENS, lexemes([f"{word}++"]), 0.4)
        branches.add(_TOKENS, lexemes([word], "t:"), 2, kind=number)
        branches.add(_TOKENS, lexemes([word], "r:"), 2, kind=number)
        if len(word) == 1:  # a lone character stands inside two-character words
            branches.add(_TOKENS, lexemes([word]) + ":*", 0.5, kind=number)
    characters = dict.fromkeys(title_key(query.core)[:MAX_WORDS])
    for number, character in enumerate(characters, start=_CHARACTERS):
        branches.add(_TOKENS, lexemes([character], "u:"), 0.25, kind=number)
    return len(words), len(characters)


def _sure_branches(branches: _Branches, query: ParsedQuery) -> None:
    """Add what makes a hit by itself."""
    key = title_key(query.core)
    if key:
        branches.add("title_key = %s", key, 60, kind=_SURE, rare=False)
        branches.add("title_key LIKE %s", f"{_pattern(key)}%", 15, kind=_SURE, rare=False)
    if len(key) > 2:
        branches.add("title_key LIKE %s", f"%{_pattern(key)}%", 8, kind=_SURE, rare=False)
    for term in query.terms:
        branches.add(_TOKENS, lexemes(words_of(term), "t:"), 2.5, kind=_SURE)
        branches.add(_TOKENS, lexemes(words_of(term)), 1.5, kind=_SURE)
    for number in query.doc_numbers:
        branches.add(_TOKENS, lexemes([number], "n:"), 50, kind=_SURE, rare=False)
    if query.homophones:
        branches.add("pinyin LIKE %s", f"% {_pattern(' '.join(query.homophones))} %", 8, kind=_SURE)
    _pinyin_branches(branches, query)


def _pinyin_branches(branches: _Branches, query: ParsedQuery) -> None:
    """Add what letters may spell: titles by their syllables, or by initials where they spell nothing longer."""
    for spelling in query.spellings:
        spelled = " ".join(spelling)
        branches.add("pinyin = %s", f" {spelled} ", 40, kind=_SURE, rare=False)
        branches.add("pinyin LIKE %s", f"% {spelled} %", 10, kind=_SURE)
        for pair in syllable_pairs(spelling):
            branches.add(_TOKENS, lexemes([pair], "p:"), 1)
    if len(query.letters) >= 2 and not any(len(spelling) > 1 for spelling in query.spellings):
        branches.add("initials = %s", query.letters, 50, kind=_SURE, rare=False)
        branches.add("initials LIKE %s", f"%{query.letters}%", 10, kind=_SURE, rare=False)


def _filters(request: SearchRequest) -> dict[str, tuple[str, list[Any]]]:
    """Return facet name → condition and parameters of the filter that the user set by it."""
    filters: dict[str, tuple[str, list[Any]]] = {}
    if request.sites is not None:
        filters["site"] = ("site = ANY(%s)", [sorted(request.sites)])
    for name, value in (("column", request.column), ("column_class", request.column_class)):
        if value:
            filters[name] = (f'"{name}" = %s', [value])
    spans = [("published_at >= %s", request.since), ("published_at < %s", request.until)]
    if request.since or request.until:
        filters["year"] = (" AND ".join(sql for sql, at in spans if at), [at for _, at in spans if at])
    return filters


def _joined(filters: dict[str, tuple[str, list[Any]]], without: str = "") -> tuple[str, list[Any]]:
    chosen = [value for name, value in filters.items() if name != without]
    return " AND ".join(["true", *(sql for sql, _ in chosen)]), [value for _, values in chosen for value in values]


def build_statement(request: SearchRequest, total: int) -> tuple[str, list[Any]]:
    """Return the statement and its parameters. Rows: ('hit', id, score), ('total', '', n), (facet, value, count)."""
    branches = _Branches(total)
    words, characters = _word_branches(branches, request.query)
    _sure_branches(branches, request.query)
    strict = max(1, math.floor(STRICT_SHARE * words)) if words > 2 else words
    loose = max(1, math.floor(LOOSE_SHARE * words))
    nearly = math.floor(TITLE_SHARE * characters) if characters > 3 else max(1, characters)
    loosely = math.floor(TITLE_SHARE * characters) if characters > 2 else max(1, characters)
    if request.sort is Sort.TIME:
        loose, loosely = strict, nearly
    filters = _filters(request)
    wanted, wanted_values = _joined(filters)
    order = "published_at DESC, score DESC, id" if request.sort is Sort.TIME else "score DESC, published_at DESC, id"
    facets, facet_values = _facets(filters)
    statement = f"""
        WITH scored AS MATERIALIZED (
            SELECT id, sum(weight) AS score, count(DISTINCT kind) FILTER (WHERE kind BETWEEN 1 AND {_CHARACTERS - 1}) AS words,
                   count(DISTINCT kind) FILTER (WHERE kind >= {_CHARACTERS}) AS characters, bool_or(kind < 0) AS sure
            FROM ({" UNION ALL ".join(branches.parts)}) matched GROUP BY id),
        known AS MATERIALIZED (
            SELECT scored.*, site, "column", column_class, year, published_at FROM scored JOIN {TABLE} USING (id)
            WHERE site = ANY(%s)),
        strictly AS MATERIALIZED (SELECT * FROM known WHERE sure OR words >= {strict} OR characters >= {nearly}),
        enough AS MATERIALIZED (SELECT count(*) >= {FEW_HITS} AS yes FROM strictly WHERE {wanted}),
        found AS MATERIALIZED (
            SELECT * FROM strictly WHERE (SELECT yes FROM enough) UNION ALL
            SELECT * FROM known WHERE NOT (SELECT yes FROM enough)
                AND (sure OR words >= {loose} OR characters >= {loosely})),
        hits AS (SELECT * FROM found WHERE {wanted})
        (SELECT 'hit', id::text, score FROM hits ORDER BY {order} OFFSET {int(request.offset)} LIMIT {int(request.limit)})
        UNION ALL SELECT 'total', '', count(*) FROM hits
        {facets}"""
    return statement, [
        *branches.parameters,
        sorted(request.public_sites),
        *wanted_values,
        *wanted_values,
        *facet_values,
    ]


def _facets(filters: dict[str, tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    """Return the counts of each facet under the filters of the others."""
    sql, values = "", []
    for name, column in (
        ("site", "site"),
        ("column", '"column"'),
        ("column_class", "column_class"),
        ("year", "year::text"),
    ):
        others, other_values = _joined(filters, without=name)
        sql += f" UNION ALL SELECT '{name}', {column}, count(*) FROM found WHERE {others} GROUP BY {column}"
        values += other_values
    return sql, values
