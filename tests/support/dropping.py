"""Dropping a database that others may still use. Without Django: the bench needs it before settings are read."""

import psycopg2
from psycopg2 import errors, sql

DROP_TRIALS = 6


def drop_database(cursor: "psycopg2.extensions.cursor", name: str) -> None:
    """Drop a database, if it is there, whoever of the product is connected to it.

    Not WITH (FORCE): that fails where an autovacuum worker, a superuser's process, is at work; a plain DROP ends it itself.
    """
    for trial in reversed(range(DROP_TRIALS)):
        cursor.execute(
            """SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
               WHERE a.datname = %s AND a.backend_type = 'client backend' AND NOT r.rolsuper""",
            [name],
        )
        try:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except errors.ObjectInUse:  # PostgreSQL waited five seconds for them
            if not trial:
                raise
        else:
            return
