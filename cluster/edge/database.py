"""Connections to the index of the store: one for each thread, never one from before a fork.

Called by cluster.edge.index.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql").read_text()
BUSY_SECONDS = 10
# Changes are counted from the time on: a render that began under an index that is lost is older than all of the new one.
_FIRST_POSITION = """INSERT INTO sqlite_sequence (name, seq) SELECT 'touches', ?
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'touches')"""


@dataclass(frozen=True, slots=True)
class _Held:
    """A connection, the process that opened it, and the file that lay there then."""

    process: int
    connection: sqlite3.Connection
    file: tuple[int, int] | None


def _file_at(path: Path) -> tuple[int, int] | None:
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


class Connections:
    """The connections of this process to one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._inherited: list[_Held | None] = []

    def get(self) -> sqlite3.Connection:
        """Return this thread's connection; opened at its first use, and anew where somebody has removed the file."""
        held: _Held | None = getattr(self._local, "held", None)
        if held and held.process == os.getpid():
            if held.connection.in_transaction or held.file == _file_at(self.path):
                return held.connection
            held.connection.close()
        else:
            # A connection of the parent is kept aside, never closed: closing it here would release the parent's locks.
            self._inherited.append(held)
        connection = self._open()
        self._local.held = _Held(os.getpid(), connection, _file_at(self.path))
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
        if not connection.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'touches'").fetchone():
            connection.execute(_FIRST_POSITION, (time.time_ns() // 1_000_000,))
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
        held: _Held | None = getattr(self._local, "held", None)
        if held and held.process == os.getpid():
            held.connection.close()
        self._local.held = None
