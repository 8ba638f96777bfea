"""The ledger only grows, the registry is not emptied, and versions and ids are nobody's choice."""

import uuid

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from cluster.audit.models import LedgerEntry
from cluster.resources.models import Resource
from tests.support.articles import publish_article
from tests.support.registry import row_of


class TestLedger:
    @pytest.mark.parametrize(
        "statement",
        ["UPDATE audit_ledgerentry SET title = 'x'", "DELETE FROM audit_ledgerentry", "TRUNCATE audit_ledgerentry"],
    )
    def test_it_cannot_be_altered_but_grows(self, living, statement):
        alpha, _ = living
        page = publish_article(alpha, "入账")
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="台账只能追加"):
            cursor.execute(statement)
        assert LedgerEntry.objects.filter(subject_id=str(row_of(alpha, page).pk)).count() == 1

    def test_the_registry_cannot_be_truncated(self, living):
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="不能整表清空"):
            cursor.execute("TRUNCATE resources_resource CASCADE")

    def test_the_version_is_not_the_writers_choice(self, living):
        alpha, _ = living
        page = publish_article(alpha, "版本")
        before = row_of(alpha, page).version
        Resource.objects.update(version=1)
        assert row_of(alpha, page).version == before, "a write that changes nothing else changes nothing"
        Resource.objects.update(version=1, author="某人")
        assert row_of(alpha, page).version > before


def test_resource_ids_are_random(living):
    alpha, beta = living
    ids = {row_of(site, publish_article(site, "同题")).pk for site in (alpha, beta)}
    assert len(ids) == 2
    assert all(isinstance(pk, uuid.UUID) for pk in ids)
