"""Tests: real PostgreSQL, real Elasticsearch, a real browser; two living sites, alpha and beta."""
