"""Tests of the launcher: what it refuses, what it repairs, what it leaves alone."""
