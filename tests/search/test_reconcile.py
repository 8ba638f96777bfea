"""Reconcile finds what is missing, stale and surplus, heals it, and tells the truth about it."""

import uuid

import pytest
from django.core.management import CommandError, call_command

from cluster.resources.models import Resource
from search.engines.base import Tombstone
from search.gather import writes_for
from search.reconcile import reconcile
from tests.search.builders import found_ids, make_document, make_row, withdraw


@pytest.fixture
def rows(engine, alpha, beta):
    """Return three published rows that the engine knows."""
    made = [make_row(alpha, "供热一"), make_row(beta, "供热二"), make_row(alpha, "供热三")]
    engine.write(writes_for(made), refresh=True)
    return made


def differences(found):
    return found.missing, found.stale, found.surplus


def test_equal_is_equal(engine, rows):
    found = reconcile(engine)
    assert differences(found) == (0, 0, 0)
    assert found.compared == 3


def test_every_kind_of_difference_is_found_and_healed(engine, rows, alpha):
    missing = make_row(alpha, "供热四")
    Resource.objects.filter(pk=rows[0].pk).update(title="燃气一", content_hash="f" * 64)
    withdraw(rows[1])
    stray = make_document("供热幽灵", id=str(uuid.uuid4()))
    engine.write([stray], refresh=True)
    found = reconcile(engine)
    assert differences(found) == (1, 1, 2)
    assert set(found_ids(engine, "供热")) == {str(rows[2].pk), str(missing.pk)}
    assert found_ids(engine, "燃气") == [str(rows[0].pk)]
    assert differences(reconcile(engine)) == (0, 0, 0)


def test_looking_only_changes_nothing(engine, rows, alpha):
    make_row(alpha, "供热四")
    assert differences(reconcile(engine, dry_run=True)) == (1, 0, 0)
    assert differences(reconcile(engine, dry_run=True)) == (1, 0, 0)


def test_a_closed_site_is_surplus_and_its_open_twin_stays(engine, rows, beta):
    beta.state = "closed"
    beta.save(update_fields=["state"])
    assert differences(reconcile(engine)) == (0, 0, 1)
    assert set(found_ids(engine, "供热")) == {str(rows[0].pk), str(rows[2].pk)}


def test_the_same_version_with_another_attachment_is_stale(engine, rows):
    document = next(iter(writes_for([rows[0]])))
    engine.write([make_document("供热一", id=document.id, version=document.version, digest="alt")], refresh=True)
    assert differences(reconcile(engine)) == (0, 1, 0)
    assert differences(reconcile(engine)) == (0, 0, 0)


def test_versions_that_the_registry_has_not_reached_are_told(engine, rows):
    document = next(iter(writes_for([rows[0]])))
    engine.write([make_document("供热一", id=document.id, version=document.version + 10_000)], refresh=True)
    assert reconcile(engine).ahead == 1


def test_withdrawn_rows_are_neither_missing_nor_surplus(engine, rows):
    withdraw(rows[0])
    rows[0].refresh_from_db()
    engine.write([Tombstone(str(rows[0].pk), rows[0].version)], refresh=True)
    assert differences(reconcile(engine)) == (0, 0, 0)


class TestTheCommand:
    def test_it_heals_and_reports(self, engine, rows, alpha, capsys):
        make_row(alpha, "供热四")
        call_command("search_reconcile", engine=engine.name)
        assert "缺少 1，过期 0，多余 0" in capsys.readouterr().out

    def test_checking_only_fails_where_something_differs(self, engine, rows, alpha):
        call_command("search_reconcile", engine=engine.name, check=True)
        make_row(alpha, "供热四")
        with pytest.raises(CommandError, match="仍有 1 处差异"):
            call_command("search_reconcile", engine=engine.name, check=True)
