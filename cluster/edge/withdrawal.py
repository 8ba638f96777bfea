"""Take from this server's store what the running transaction takes from the public, before its commit and right after it.

Called by the database backend at every commit (EdgeConfig.ready), so that whoever withdraws (web, worker, command) does not
wait for a worker. What is gone says the database: triggers tell it by whatever road it came (cluster/edge/sql/feed.sql).

Before the commit: a process killed behind it leaves nothing. After it: a page rendered meanwhile from the old state is
refused or taken away. A transaction that fails has cost a few copies that are made again.
"""

import logging
import os
import sqlite3
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from django.conf import settings

from cluster.edge.entries import Touch
from cluster.edge.generation import CURRENT, linked
from cluster.edge.store import Store
from cluster.postgresql import connection

logger = logging.getLogger(__name__)
_READY = "SELECT coalesce(has_function_privilege(to_regprocedure('public.qz_edge_take()')::oid, 'EXECUTE'), false)"
_ready: set[str] = set()


def watch_commit() -> Callable[[], None] | None:
    """Withdraw what the transaction that is about to commit has withdrawn; return what withdraws it once more."""
    if connection.closed_in_transaction or not (settings.EDGE_ENABLED or linked(Path(settings.EDGE_ROOT), CURRENT)):
        # Switched off alone is not enough: while there is a store, a web server may serve from it.
        return None
    touches = _taken()
    if not touches:
        return None
    withdraw(touches)
    return partial(withdraw, touches)


def withdraw(touches: list[Touch]) -> None:
    """Take what is gone off the disk. A store that cannot be written is no reason to refuse a withdrawal."""
    try:
        # Whatever program this is, with whatever settings: it takes from the store that is there and begins no generation.
        generation = linked(Path(settings.EDGE_ROOT), CURRENT)
        if generation:
            _withdraw(_store_at(Path(settings.EDGE_ROOT), generation, os.getpid()), touches)
    except Exception:
        # The agent of this server hears of it as well; until it has succeeded, the console shows the withdrawal as open.
        logger.critical("撤回没有到达页面存储，请检查存储文件夹：%s", settings.EDGE_ROOT, exc_info=True)


def _withdraw(store: Store, touches: list[Touch]) -> None:
    try:
        store.touch(touches)
    except sqlite3.OperationalError:
        # Another process holds the index. The files go all the same; what is rendered meanwhile, the agent takes away.
        store.take_off(touches)
        raise


@cache
def _store_at(root: Path, generation: str, process: int) -> Store:
    return Store(root, generation, loaded_at=0.0)


def _taken() -> list[Touch]:
    with connection.cursor() as cursor:
        if not _is_installed():
            return []
        cursor.execute("SELECT taken_key FROM public.qz_edge_take()")
        return [Touch(key, gone=True) for (key,) in cursor.fetchall()]


def _is_installed() -> bool:
    """Whether the function is there and ours to call: before the first migration it is not."""
    name = str(connection.settings_dict["NAME"])
    if name not in _ready:
        with connection.cursor() as cursor:
            cursor.execute(_READY)
            if not cursor.fetchone()[0]:
                return False
        _ready.add(name)
    return True
