"""Tests of reading attachments: real files, hostile files, uploads."""
