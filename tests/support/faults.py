"""Faults that a test orders of the migration in tests/support/later; apart from it, since Django reloads that package."""

# Schemas in which the later migration fails, and how.
broken_in: dict[str, BaseException] = {}
