"""Findings: what was caught around the publish gate, for the editor, the site and the office."""
