"""Which servers with a page store are told of changes: they register, report every second, and are dropped for silence.

Called by cluster.edge.agent. Row and store each count the reports, so that what comes out of a backup is noticed; see
cluster.edge.membership. Read by the console (cluster.edge.health).
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from cluster.edge import namesakes
from cluster.edge.feed import unhurried
from cluster.edge.membership import Membership
from cluster.edge.models import COMMITTER, EdgeEvent, EdgeServer
from cluster.subsites.models import Job

logger = logging.getLogger(__name__)
SILENCE = timedelta(hours=1)
SILENT_AFTER = timedelta(seconds=5)
# What a commit outside of Django left for its committer.
_LEFT_BEHIND = timedelta(minutes=5)


class NameTaken(Exception):
    """Another server reports under this name just now."""


def register(name: str, membership: Membership, *, formerly: str = "") -> bool:
    """Have the server told of every change that is committed from now on; return whether its store is to start anew.

    That is so until `set_ready`: who is killed in between begins again. It is also so where row and store disagree about
    what was last reported: then the database or the folder was restored, and nobody knows what was not heard. `formerly` is
    the number of the store that this same agent has kept until now. Another store that was silent leaves the name, and stays
    on the list as one that is told no more (cluster.edge.namesakes). Raises NameTaken.
    """
    with transaction.atomic():
        EdgeServer.objects.get_or_create(name=name)
        row = EdgeServer.objects.select_for_update().get(name=name)
        is_ours = row.store_id == membership.store_id
        is_anothers = row.store_id not in ("", membership.store_id, formerly)
        if is_anothers and not row.dropped_at and _heard_lately(name):
            raise NameTaken(name)
        if is_anothers:
            namesakes.keep_in_sight(row)
        if row.ready_at and not row.dropped_at and is_ours and _agree(row.reports, membership.reports):
            return False
        row.reports = max(row.reports, membership.reports) + 1
        row.store_id, row.ready_at, row.dropped_at, row.namesake_at = membership.store_id, None, None, None
        row.save(update_fields=("reports", "store_id", "ready_at", "dropped_at", "namesake_at"))
        namesakes.forget(membership.store_id)
        EdgeServer.objects.filter(name=name).update(heartbeat_at=Now())
        return True


def _agree(counted_here: int, counted_there: int) -> bool:
    """Tell whether both have counted the same reports; the store notes each with the next, and the last perhaps not at all."""
    return counted_here - counted_there in (0, 1, 2)


def _heard_lately(name: str) -> bool:
    return EdgeServer.objects.filter(name=name, heartbeat_at__gt=Now() - SILENT_AFTER).exists()


def set_ready(name: str) -> int:
    """Note that the store holds nothing from before its registration; return how many reports it counts from."""
    EdgeServer.objects.filter(name=name).update(ready_at=Now())
    return EdgeServer.objects.values_list("reports", flat=True).get(name=name)


def report(
    name: str, membership: Membership, *, generation: str, pages: int, stored_bytes: int, error: str
) -> int | None:
    """Say that the server lives, and how its store stands; return how many reports the row surely counts from now on.

    That is the number before this one, which a power cut may take back. None where it is told no more, or the row is not
    the one to which it last reported.
    """
    known = EdgeServer.objects.select_for_update().filter(name=name, store_id=membership.store_id, dropped_at=None)
    with unhurried():
        row = known.first()
        if row is None or row.ready_at is None or not _agree(row.reports, membership.reports):
            return None
        EdgeServer.objects.filter(name=name).update(
            heartbeat_at=Now(),
            reports=row.reports + 1,
            generation=generation,
            pages=pages,
            stored_bytes=stored_bytes,
            error=error,
        )
        return row.reports


def leave(name: str) -> bool:
    """Tell the server nothing any more; return whether it was told so far."""
    with transaction.atomic():
        left, _ = EdgeServer.objects.filter(name=name).delete()
        EdgeEvent.objects.filter(server=name).delete()
    return bool(left)


def drop_silent_servers() -> list[str]:
    """Tell nothing more to servers silent for an hour, and forget what they have not heard; return their names.

    Their rows stay: the console warns of what they may still serve, until they come back or the office removes them.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One statement: a server that reports in meanwhile is looked at again under its lock, and stays.
            cursor.execute(
                """UPDATE edge_edgeserver SET dropped_at = now(), ready_at = NULL, namesake_at = NULL
                   WHERE dropped_at IS NULL AND heartbeat_at < now() - make_interval(secs => %s) RETURNING name""",
                [SILENCE.total_seconds()],
            )
            silent = [row[0] for row in cursor.fetchall()]
        EdgeEvent.objects.filter(server__in=silent).delete()
    EdgeEvent.objects.filter(server=COMMITTER, created_at__lt=Now() - _LEFT_BEHIND).delete()
    # Told by a transaction that still saw the server while it was being dropped.
    told = EdgeServer.objects.filter(dropped_at=None).values("name")
    EdgeEvent.objects.exclude(server=COMMITTER).exclude(server__in=told).delete()
    for name in silent:
        logger.warning("页面服务器 %s 超过一小时没有联系，已停用；恢复时将清空它的页面存储", name)
    return silent


def forget_dropped(job: Job, report: Callable[[str, int], None]) -> str:
    """Remove a server that was dropped and will not come back; the console's job, named by settings.FURTHER_JOBS."""
    name = job.params["name"]
    report("移除", 50)
    gone, _ = EdgeServer.objects.filter(name=name, dropped_at__isnull=False).delete()
    return f"已移除页面服务器 {name}。" if gone else f"页面服务器 {name} 没有停用或已经移除，没有改动。"
