"""The Elasticsearch engine: mapping, query, bulk and the engine that joins them."""

from search.engines.elasticsearch.engine import ElasticsearchEngine

__all__ = ["ElasticsearchEngine"]
