"""Tests of how stored pages hear of changes."""
