"""Tests of the clock of columns and of the rules of inspection."""
