"""Connections to the index of the store: one for each thread, never one from before a fork.

Called by cluster.edge.index.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql").read_text()
BUSY_SECONDS = 10


class Connections:
    """The connections of this process to one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._inherited: list[tuple[int, sqlite3.Connection] | None] = []

    def get(self) -> sqlite3.Connection:
        """Return this thread's connection; opened at its first use."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held and held[0] == os.getpid():
            return held[1]
        # A connection of the parent is kept aside, never closed: closing it here would release the parent's locks.
        self._inherited.append(held)
        connection = self._open()
        self._local.held = (os.getpid(), connection)
        return connection

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Transactions are begun and ended by hand: the module's own would begin them too late.
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.executescript(SCHEMA)
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the index for this block alone; all of it or nothing is kept."""
        connection = self.get()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held and held[0] == os.getpid():
            held[1].close()
        self._local.held = None
