"""Tests of the whole product; they mirror the folders of the code."""
