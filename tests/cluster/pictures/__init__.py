"""Tests of cluster.pictures."""
