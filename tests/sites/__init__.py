"""Tests of the site apps: every feature is shown with two living sites, every refusal beside its allowed twin."""
