"""The feed of the page stores: which servers hear of changes, and how one takes what it has not heard yet.

Called by cluster.edge.agent; read by the console. Events are written by triggers (cluster/edge/sql/feed.sql) for every
registered server and go away in the transaction in which its store has applied them.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from cluster.column_templates.vocabulary import NEWS_CODES
from cluster.edge import keys
from cluster.edge.entries import Touch
from cluster.edge.models import COMMITTER, EdgeEvent, EdgeServer
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
SILENCE = timedelta(hours=1)
# What a commit outside of Django left for its committer.
_LEFT_BEHIND = timedelta(minutes=5)
BATCH = 5000


def register(name: str) -> bool:
    """Have the server told of every change that is committed from now on; return whether its store is to start anew.

    That is so until `set_ready`: who is killed in between begins again.
    """
    server, _ = EdgeServer.objects.get_or_create(name=name)
    return server.ready_at is None


def set_ready(name: str) -> None:
    """Note that the store holds nothing from before its registration."""
    EdgeServer.objects.filter(name=name).update(ready_at=Now())


def earlier_writers_are_done(seconds: float) -> bool:
    """Wait until every transaction that has written by now has ended; return False if one goes on.

    Its triggers may have run before the server was registered, and told it nothing.
    """
    deadline, waited_for = time.monotonic() + seconds, _writers()
    while waited_for:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
        waited_for &= _writers()
    return True


def _writers() -> set[str]:
    """Return the other transactions of this database that hold a lock for writing on any table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT virtualtransaction FROM pg_locks
               WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        )
        return {row[0] for row in cursor.fetchall()}


def report(name: str, *, generation: str, pages: int, stored_bytes: int, error: str) -> bool:
    """Say that the server lives, and how its store stands; return False where it was dropped."""
    with _unhurried():
        return bool(
            EdgeServer.objects.filter(name=name).update(
                heartbeat_at=Now(), generation=generation, pages=pages, stored_bytes=stored_bytes, error=error
            )
        )


@contextmanager
def _unhurried() -> Iterator[None]:
    """Commit the block without waiting for the disk: seen by all at once, and a power cut costs nothing that is not repeated."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")
        yield


def leave(name: str) -> bool:
    """Tell the server nothing any more; return whether it was told so far."""
    with transaction.atomic():
        left, _ = EdgeServer.objects.filter(name=name).delete()
        EdgeEvent.objects.filter(server=name).delete()
    return bool(left)


def drop_silent_servers() -> list[str]:
    """Forget servers silent for an hour, with what they have not heard; they start again from nothing. Return their names."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One statement: a server that reports in meanwhile is looked at again under its lock, and stays.
            cursor.execute(
                "DELETE FROM edge_edgeserver WHERE heartbeat_at < now() - make_interval(secs => %s) RETURNING name",
                [SILENCE.total_seconds()],
            )
            silent = [row[0] for row in cursor.fetchall()]
        EdgeEvent.objects.filter(server__in=silent).delete()
    EdgeEvent.objects.filter(server=COMMITTER, created_at__lt=Now() - _LEFT_BEHIND).delete()
    # Told by a transaction that still saw the server while it was being dropped.
    EdgeEvent.objects.exclude(server=COMMITTER).exclude(server__in=EdgeServer.objects.values("name")).delete()
    for name in silent:
        logger.warning("页面服务器 %s 超过一小时没有联系，已停用；恢复时将清空它的页面存储", name)
    return silent


def tell(touches: Iterable[Touch]) -> None:
    """Tell all servers of changes that no table shows, such as the wish that a site's pages be made anew; owner role only."""
    with connection.cursor() as cursor:
        for touch in touches:
            cursor.execute("SELECT public.qz_edge_put(%s, %s, %s)", [[touch.key], touch.at, touch.gone])


def hear(name: str, apply: Callable[[list[Touch]], object], limit: int = BATCH) -> int:
    """Hand the server's next events to its store, and forget them; return how many there were."""
    with _unhurried():
        rows = list(
            EdgeEvent.objects.filter(server=name)
            .order_by(F("gone").desc(), "id")
            .select_for_update(skip_locked=True)
            .values_list("id", "key", "at", "gone")[:limit]
        )
        if not rows:
            return 0
        touches = [Touch(key, at, gone) for _, key, at, gone in rows]
        apply([*touches, *news_of(touches)])
        EdgeEvent.objects.filter(pk__in=[row[0] for row in rows]).delete()
        return len(rows)


def news_of(touches: Iterable[Touch]) -> list[Touch]:
    """Return what the changes of news columns mean for the sites above, which show the news of those below (地市动态)."""
    moved: dict[str, list[Touch]] = {}
    for touch in touches:
        kind, _, rest = touch.key.partition(":")
        schema, _, code = rest.partition(":")
        if kind == "members" and code in NEWS_CODES:
            moved.setdefault(schema, []).append(touch)
    if not moved:
        return []
    sites = Subsite.objects.filter(schema_name__in=moved, parent__isnull=False)
    rows = sites.values_list("schema_name", "parent_id", "kind")
    # One for each: an older item told of in the same breath must not hide a newer one.
    return [
        Touch(keys.fed(parent, kind), touch.at)
        for schema, parent, kind in rows
        if parent is not None
        for touch in moved[schema]
    ]
