"""Whoever opens many sites takes a fresh connection now and then, but never in the middle of a transaction."""

from django.db import connection, transaction

from cluster.context import in_site
from cluster.postgresql.renewal import SITES, Renewal
from cluster.subsites.models import Subsite


def _server_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_every_few_sites_and_the_place_is_kept(living: tuple[Subsite, Subsite]) -> None:
    renewal, seen = Renewal(), []
    with in_site(living[0]):
        for _ in range(2 * SITES):
            renewal.next_site()
            seen.append(_server_process())
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            assert cursor.fetchone()[0] == living[0].schema_name
    assert [len(set(part)) for part in (seen[:SITES], seen[SITES:], seen)] == [1, 1, 2]


def test_a_transaction_keeps_its_connection(living: tuple[Subsite, Subsite]) -> None:
    renewal = Renewal()
    with transaction.atomic():
        before = _server_process()
        for _ in range(2 * SITES):
            renewal.next_site()
        assert _server_process() == before
