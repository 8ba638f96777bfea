"""Tests of the column templates: their language, their checks, their versions."""
