"""Tests of sites.content."""
