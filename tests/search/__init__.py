"""Tests of search: the front end alone, both engines by one contract, the drains, the page and the interface."""
