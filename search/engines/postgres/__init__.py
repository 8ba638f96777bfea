"""The PostgreSQL engine: tokens made in Python, one table with a GIN index, and scores in SQL."""

from search.engines.postgres.engine import PostgresEngine

__all__ = ["PostgresEngine"]
