"""Waiting for the transactions that write at this moment, without keeping anybody out.

Called by those who ask to be told of changes from now on (search.drain, cluster.edge.agent): a trigger that ran before they were
registered told them nothing, and who reads now does not see its row either.
"""

import time

from cluster.postgresql import connection

STEP_SECONDS = 0.05


def earlier_writers_are_done(seconds: float, table: str = "") -> bool:
    """Wait until every other transaction that writes now, to the table if one is named, has ended; return False if one goes on.

    Asked after the registration is committed, nobody comes to belong to those. A lock on the table would let no writer in,
    and hold up all publications behind one long import.
    """
    deadline = time.monotonic() + seconds
    waited_for = _writers(table)
    while waited_for:
        if time.monotonic() >= deadline:
            return False
        time.sleep(STEP_SECONDS)
        waited_for &= _writers(table)
    return True


def _writers(table: str) -> set[str]:
    """Return the other transactions of this database that have written, or are about to write, the table or any."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT virtualtransaction FROM pg_locks
               WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND (%s = '' OR relation = nullif(%s, '')::regclass)""",
            [table, table],
        )
        return {row[0] for row in cursor.fetchall()}
