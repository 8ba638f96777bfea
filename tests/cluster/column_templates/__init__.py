"""Tests of the law of columns: reader, versions, command, console pages."""
