"""What waits in the change feed and what was put aside, for the console and the commands."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from cluster.resources.feed import CHANNEL, MAX_ATTEMPTS
from cluster.resources.models import Change


@dataclass(frozen=True)
class FeedStatus:
    """How far behind the feed is, for the console and the command."""

    marks: int
    parked_marks: int
    oldest_mark_seconds: float
    changes: dict[str, int]
    parked_changes: dict[str, int]


def feed_status() -> FeedStatus:
    """Return what waits and what was put aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FILTER (WHERE parked_at IS NULL), count(parked_at),
                      coalesce(extract(epoch FROM now() - min(marked_at) FILTER (WHERE parked_at IS NULL)), 0)
               FROM resources_mark"""
        )
        marks, parked_marks, oldest = cursor.fetchone()
        cursor.execute(
            """SELECT c.name, count(x.id) FILTER (WHERE x.parked_at IS NULL), count(x.parked_at)
               FROM resources_consumer c LEFT JOIN resources_change x ON x.consumer = c.name GROUP BY c.name"""
        )
        rows = cursor.fetchall()
    return FeedStatus(
        marks=marks,
        parked_marks=parked_marks,
        oldest_mark_seconds=float(oldest),
        changes={name: waiting for name, waiting, _ in rows},
        parked_changes={name: parked for name, _, parked in rows},
    )


def put_aside(consumer: str, refused: Mapping[uuid.UUID, tuple[int, Exception]]) -> None:
    """Park a change for each resource (id → version, error) that the consumer could not take, where an operator sees it."""
    Change.objects.bulk_create(
        [
            Change(
                consumer=consumer,
                resource_id=pk,
                version=version,
                attempts=MAX_ATTEMPTS,
                error=repr(error)[:2000],
                parked_at=timezone.now(),
            )
            for pk, (version, error) in refused.items()
        ]
    )


def retry_parked() -> int:
    """Give every row that was put aside another ten tries; return how many."""
    with connection.cursor() as cursor:
        count = 0
        for table in ("resources_mark", "resources_change"):
            cursor.execute(
                f"UPDATE {table} SET parked_at = NULL, attempts = 0, not_before = clock_timestamp() WHERE parked_at IS NOT NULL"
            )
            count += cursor.rowcount
        cursor.execute(f"NOTIFY {CHANNEL}")
    return count
