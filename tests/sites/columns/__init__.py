"""Tests of sites.columns."""
