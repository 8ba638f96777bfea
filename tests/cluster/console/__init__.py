"""Tests of the console: what the office may do, what an inspector may read, and that nobody else gets in."""
