"""Who asks to be told of changes waits for those who write already, and for nobody who comes later."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, transaction

from cluster.postgresql.writers import earlier_writers_are_done
from cluster.resources.models import Resource
from tests.support.articles import publish_article
from tests.support.registry import row_of
from tests.support.threads import in_thread

TABLE = "public.resources_resource"


@pytest.mark.parametrize("table", [TABLE, ""])
def test_earlier_writers_are_waited_for_and_later_ones_are_not(living, table):
    alpha, beta = living
    ours, theirs = publish_article(alpha, "甲"), publish_article(beta, "乙")
    assert earlier_writers_are_done(0, table)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Resource.objects.filter(pk=row_of(alpha, ours).pk).update(author="某人")
            assert earlier_writers_are_done(0, table), "what it writes itself it also reads"
            assert in_thread(lambda: earlier_writers_are_done(0.2, table)) is False
            waiting = pool.submit(in_thread, lambda: earlier_writers_are_done(20, table))
            time.sleep(0.2)
            assert not waiting.done()
        with transaction.atomic():
            Resource.objects.filter(pk=row_of(beta, theirs).pk).update(author="某人")
            assert waiting.result(30) is True


def test_writers_of_other_tables_count_where_no_table_is_named(living):
    alpha, _ = living
    with transaction.atomic():
        type(alpha).objects.filter(pk=alpha.pk).update(phone="0451-12345678")
        assert in_thread(lambda: earlier_writers_are_done(0, TABLE)) is True
        assert in_thread(lambda: earlier_writers_are_done(0)) is False
        transaction.set_rollback(True)
    with pytest.raises(DatabaseError):
        earlier_writers_are_done(0, "public.no_such_table")
