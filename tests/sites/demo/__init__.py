"""Tests of the demonstration content: texts, accounts, planting."""
