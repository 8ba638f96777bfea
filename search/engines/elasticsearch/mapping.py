"""Mapping and settings of the cluster index, by elasticsearch.dsl. Called when an index is made.

Only what both the small server build of a newcomer's machine and a stock one have: the standard tokenizer, the filters
lowercase and shingle, the named analyzer whitespace. Words that need more (pinyin, keys) are made in Python.
"""

from typing import Any

from elasticsearch.dsl import Date, Keyword, Mapping, Short, Text, analyzer, token_filter

_pairs = token_filter(
    "pairs",
    type="shingle",
    min_shingle_size=2,
    max_shingle_size=2,
    output_unigrams=False,
    output_unigrams_if_no_shingles=True,
    token_separator="",
)
SINGLE = analyzer("single", tokenizer="standard", filter=["lowercase"])
PAIRS = analyzer("pairs", tokenizer="standard", filter=["lowercase", _pairs])

INDEX_SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",
    # A tombstone outlives a worker that was stalled for hours with an older version in its hands.
    "gc_deletes": "1d",
    # Long laws and short notices stand side by side: the length of a body counts less than usual.
    "similarity": {"long_text": {"type": "BM25", "b": 0.4, "k1": 1.2}},
}


def index_mapping() -> Mapping:
    """Return the mapping; a field that is not named here is refused."""
    mapping = Mapping()
    mapping.meta("dynamic", "strict")
    # Bodies are searched, never read back: what people see comes from the registry.
    mapping.meta("_source", excludes=["body"])
    mapping.field("id", Keyword())
    mapping.field("digest", Keyword(index=False))
    mapping.field("site", Keyword())
    mapping.field("column", Keyword())
    mapping.field("column_class", Keyword())
    mapping.field("year", Short())
    mapping.field("published_at", Date())
    mapping.field("title", Text(analyzer=SINGLE, fields={"pairs": Text(analyzer=PAIRS)}))
    mapping.field("body", _body())
    mapping.field("region", Text(analyzer=SINGLE, fields={"pairs": Text(analyzer=PAIRS)}))
    mapping.field("title_key", Keyword())
    mapping.field("pinyin", Text(analyzer="whitespace"))
    mapping.field("pinyin_key", Keyword())
    mapping.field("initials", Keyword())
    mapping.field("doc_number", Keyword())
    return mapping


def _body() -> Text:
    pairs = Text(analyzer=PAIRS, similarity="long_text")
    return Text(analyzer=SINGLE, fields={"pairs": pairs})


def index_body() -> dict[str, Any]:
    """Return settings and mappings of a new index."""
    mapping = index_mapping()
    return {
        "settings": {"index": INDEX_SETTINGS, "analysis": mapping._collect_analysis()},
        "mappings": mapping.to_dict(),
    }
