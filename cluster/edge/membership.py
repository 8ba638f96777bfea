"""How a store stands with the feed: its own number, how often it has reported, whether it is told of changes at all.

Kept in the index, so that every process of the server knows. The feed keeps the same in the server's row: where the two
disagree, one of them was restored from a backup or belongs to another, and the store starts anew (cluster.edge.agent).
"""

import uuid
from dataclasses import dataclass

from cluster.edge.database import Connections


@dataclass(frozen=True, slots=True)
class Membership:
    """What was last known. A store that is not told of changes keeps no page: nobody would ever take it away."""

    store_id: str
    reports: int
    is_told: bool


class Memberships:
    """The membership of one store."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def read(self) -> Membership:
        """Return it; a store without one gets its number now."""
        found = self._found()
        if found is None:
            with self.connections.writing() as connection:
                connection.execute("INSERT OR IGNORE INTO membership VALUES (1, ?, 0, 0)", (uuid.uuid4().hex,))
            found = self._found()
        if found is None:
            raise LookupError("membership")
        return found

    def _found(self) -> Membership | None:
        row = self.connections.get().execute("SELECT store_id, reports, is_told FROM membership").fetchone()
        return Membership(row[0], row[1], bool(row[2])) if row else None

    @property
    def is_told(self) -> bool:
        """Tell whether changes reach this store."""
        found = self._found()
        return found is not None and found.is_told

    def keep(self, reports: int) -> None:
        """Note a report; from the first one on the store is told of changes."""
        self._write("UPDATE membership SET reports = ?, is_told = 1", reports)

    def end(self) -> None:
        """Note that the store is told nothing."""
        self._write("UPDATE membership SET is_told = 0")

    def _write(self, statement: str, *values: int) -> None:
        with self.connections.writing() as connection:
            connection.execute(statement, values)
