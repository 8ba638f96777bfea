"""Tests of sites.common."""
