"""Tests of the cluster; see tests/conftest.py for the living sites."""
