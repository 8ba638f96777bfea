"""Who listens to the change feed: consumers register, give signs of life, and are dropped for silence.

Called by the consumers themselves (search.drain, cluster.edge.agent) and, for the silent ones, by the worker.
"""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from cluster.resources.models import Change, Consumer

logger = logging.getLogger(__name__)
SILENCE = timedelta(hours=1)


def register_consumer(name: str) -> bool:
    """Make the name a consumer of every change from now on; return whether it is new or was dropped for silence.

    One that is new must read the whole registry by itself, after those who write it now are done (cluster.postgresql.writers):
    the feed holds only what changes after this call is committed.
    """
    with transaction.atomic():
        _, created = Consumer.objects.get_or_create(name=name)
        # Locked: who drops it for silence at this moment is either through, and seen here, or finds it alive.
        was_dropped = not Consumer.objects.select_for_update().get(pk=name).active
        Consumer.objects.filter(pk=name).update(active=True, heartbeat_at=timezone.now())
    return created or was_dropped


def heartbeat(name: str) -> None:
    """Say that the consumer lives."""
    Consumer.objects.filter(pk=name).update(heartbeat_at=timezone.now())


def drop_silent_consumers() -> list[str]:
    """Drop consumers silent for an hour, with their rows; they start again from nothing. Return their names."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One statement: a consumer that reports in meanwhile is looked at again under its lock, and stays.
            cursor.execute(
                "UPDATE resources_consumer SET active = false WHERE active AND heartbeat_at < %s RETURNING name",
                [timezone.now() - SILENCE],
            )
            silent = [row[0] for row in cursor.fetchall()]
        if silent:
            Change.objects.filter(consumer__in=silent).delete()
    for name in silent:
        logger.warning("变更订阅方 %s 超过一小时没有活动，已停用；恢复时将从头读取", name)
    return silent
