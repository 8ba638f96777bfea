"""Statements of the index: rows to entries, what a change reaches, what was changed since.

Called by cluster.edge.index inside its transactions.
"""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cluster.edge import keys
from cluster.edge.entries import KINDS, Address, Entry, Touch

FIELDS = "e.id, e.generation, e.host, e.variant, e.path, e.query, e.site, e.kind, e.media_class, e.size, e.stored_at, e.holds_until"

_SECONDS_KEPT = 60


def entry_of(row: Sequence[Any]) -> Entry:
    """Turn a row of FIELDS into an entry."""
    number, generation, host, variant, path, query, site, kind, media_class, size, stored_at, holds_until = row[:12]
    address = Address(host, path, query, variant)
    return Entry(address, generation, site, KINDS[kind], media_class, size, stored_at, holds_until, number)


def select(connection: sqlite3.Connection, condition: str, parameters: Sequence[object] = ()) -> list[Entry]:
    """Return the entries for which the condition holds; it may go on with an order and a limit."""
    return [
        entry_of(row) for row in connection.execute(f"SELECT {FIELDS} FROM entries e WHERE {condition}", parameters)
    ]


def at_address(connection: sqlite3.Connection, generation: str, address: Address, *, pending: bool) -> list[Entry]:
    """Return the copy at an address, if any: the one in place, or the one that is being put there."""
    values = (generation, address.host, address.variant, address.path, address.query, int(pending))
    where = "e.generation = ? AND e.host = ? AND e.variant = ? AND e.path = ? AND e.query = ? AND e.pending = ?"
    return select(connection, where, values)


def stands_beside(connection: sqlite3.Connection, entry: Entry) -> bool:
    """Tell whether another row has its copy at the address of this one."""
    return any(other.id != entry.id for other in at_address(connection, entry.generation, entry.address, pending=False))


def last_position(connection: sqlite3.Connection) -> int:
    """Return the number of the last change, forgotten or not."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'touches'").fetchone()
    return int(row[0]) if row else 0


def was_touched(connection: sqlite3.Connection, needed: Mapping[str, float | None], position: int) -> bool:
    """Tell whether any of the keys changed after the position; also where that can no longer be known."""
    last = last_position(connection)
    if position >= last:
        return False
    first = connection.execute("SELECT min(position) FROM touches").fetchone()[0]
    if position < (last if first is None else first - 1):
        return True
    # The changes of one render's time are few; what it used may be hundreds.
    changes = connection.execute("SELECT key, at FROM touches WHERE position > ?", (position,))
    return any(key in needed and _reaches(at, needed[key]) for key, at in changes)


def _reaches(at: float | None, since: float | None) -> bool:
    return at is None or since is None or at >= since


def insert(
    connection: sqlite3.Connection, entry: Entry, needed: Mapping[str, float | None], files: Iterable[str]
) -> int:
    """Write a row for a copy whose files are still to be placed; return its number.

    A row that a killed writer left at this address goes, but what its copy used stays noted: its file may be in place.
    """
    wanted, kept_files = dict(needed), set(files)
    for left in at_address(connection, entry.generation, entry.address, pending=True):
        wanted = {**dict.fromkeys(dependencies_of(connection, left.id)), **wanted}
        kept_files |= set(files_of(connection, left.id))
        connection.execute("DELETE FROM entries WHERE id = ?", (left.id,))
    address = entry.address
    place = (entry.generation, address.host, address.variant, address.path, address.query, entry.site)
    kind = KINDS.index(entry.kind)
    facts = (kind, entry.media_class, entry.size, entry.stored_at, entry.stored_at, entry.holds_until)
    number = connection.execute(
        """INSERT INTO entries (generation, host, variant, path, query, site, kind, media_class, size, stored_at, used_at,
               holds_until, pending) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)""",
        (*place, *facts),
    ).lastrowid
    assert number is not None  # noqa: S101  for mypy: an INSERT has a row number
    dependencies = ((key, number, since) for key, since in sorted(wanted.items()))
    connection.executemany("INSERT INTO dependencies (key, entry, since) VALUES (?, ?, ?)", dependencies)
    connection.executemany(
        "INSERT INTO files (file, entry) VALUES (?, ?)", ((file, number) for file in sorted(kept_files))
    )
    return number


def own_second(connection: sqlite3.Connection, address: Address) -> int:
    """Return the second that a new copy is dated by: now, or later where a copy of this address, perhaps gone, had that.

    Web servers tell copies apart by second and length, and so do the browsers that keep one.
    """
    now, place = int(time.time()), (address.host, address.variant, address.path, address.query)
    connection.execute("DELETE FROM seconds WHERE second < ?", (now - _SECONDS_KEPT,))
    where = "host = ? AND variant = ? AND path = ? AND query = ?"
    row = connection.execute(f"SELECT second FROM seconds WHERE {where}", place).fetchone()
    second = max(now, row[0] + 1) if row else now
    connection.execute("INSERT OR REPLACE INTO seconds VALUES (?, ?, ?, ?, ?)", (*place, second))
    return second


def dependencies_of(connection: sqlite3.Connection, number: int) -> list[str]:
    """Return the keys that a copy used."""
    return [row[0] for row in connection.execute("SELECT key FROM dependencies WHERE entry = ?", (number,))]


def files_of(connection: sqlite3.Connection, number: int) -> list[str]:
    """Return the pictures and attachments that a copy uses."""
    return [row[0] for row in connection.execute("SELECT file FROM files WHERE entry = ?", (number,))]


def is_used(connection: sqlite3.Connection, file: str) -> bool:
    """Tell whether a copy uses this picture or attachment, or one that is just being placed."""
    return connection.execute("SELECT 1 FROM files WHERE file = ? LIMIT 1", (file,)).fetchone() is not None


def reached_by(connection: sqlite3.Connection, touch: Touch, generation: str | None) -> list[Entry]:
    """Return the copies that a change reaches; those of one generation, or of all."""
    if touch.key.startswith(keys.ADDRESS):
        where = "e.host = ? AND e.path = ? AND (? IS NULL OR e.generation = ?)"
        return select(connection, where, (*keys.host_and_path(touch.key), generation, generation))
    at = touch.at.timestamp() if touch.at else None
    statement = f"""SELECT {FIELDS} FROM dependencies d CROSS JOIN entries e ON e.id = d.entry
        WHERE d.key = ? AND (d.since IS NULL OR ? IS NULL OR ? >= d.since) AND (? IS NULL OR e.generation = ?)"""
    rows = connection.execute(statement, (touch.key, at, at, generation, generation))
    return [entry_of(row) for row in rows]


def unused_without(connection: sqlite3.Connection, going: Iterable[int]) -> list[str]:
    """Return the files that no copy uses once these copies are gone."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS going (id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM temp.going")
    connection.executemany("INSERT OR IGNORE INTO temp.going VALUES (?)", ((number,) for number in going))
    rows = connection.execute(
        """SELECT DISTINCT f.file FROM temp.going g JOIN files f ON f.entry = g.id WHERE NOT EXISTS (
               SELECT 1 FROM files o WHERE o.file = f.file AND o.entry NOT IN (SELECT id FROM temp.going))"""
    )
    return [row[0] for row in rows]


def note(connection: sqlite3.Connection, touches: Sequence[Touch], remembered: float) -> int:
    """Write the changes down and forget those of long ago; return the number of the last."""
    now = time.time()
    rows = ((touch.key, touch.at.timestamp() if touch.at else None, now) for touch in touches)
    connection.executemany("INSERT INTO touches (key, at, noted_at) VALUES (?, ?, ?)", rows)
    # Never the last one: it holds the count against which a late render is judged.
    last = last_position(connection)
    connection.execute("DELETE FROM touches WHERE noted_at < ? AND position < ?", (now - remembered, last))
    return last


def delete(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Delete the rows of these copies, with what they used."""
    connection.executemany("DELETE FROM entries WHERE id = ?", [(number,) for number in numbers])
