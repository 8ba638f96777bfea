"""The index of the store: which copies there are, what each used, what changed lately.

Called by cluster.edge.store alone. Every method is one transaction of the index file, and writers wait for one another:
that order is what refuses late copies. Files are placed and removed inside it, through the functions that callers hand in.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from cluster.edge import keys, reach, rows
from cluster.edge.database import Connections
from cluster.edge.entries import KINDS, Entry, Touch, Touched, Usage, merged

# Removes the files of these copies, then the pictures and attachments that no copy uses any more.
Remove = Callable[[Sequence[Entry], Sequence[str]], None]
# Tells when a copy's file was last read.
UsedAt = Callable[[Entry], float]

# Tells whether a copy's files are not what its row says.
IsBroken = Callable[[Entry], bool]

# A copy whose files ought to be on the disk: neither a place in the queue, nor one that is just being filled.
_STANDING = "e.pending = 0 OR (e.stale = 0 AND e.stored_at < ?) ORDER BY e.id"
_PLACING_SECONDS = 60.0  # a writer needs milliseconds
# A render that takes longer than this is refused, since the changes before it are forgotten.
REMEMBERED_SECONDS = 300.0
# A host over its quota is brought down to this part of it, so that not every further copy has to make room.
_ROOM = 0.9
_CANDIDATES = 500
# So many copies are removed in one transaction.
_SLICE = 500


class Index:
    """The index in one file. Copies are made for `generation`; those of others are only ever removed."""

    def __init__(self, path: Path, generation: str) -> None:
        self.generation = generation
        self.connections = Connections(path)

    def position(self) -> int:
        """Return the number of the last change; a render asks before its first query."""
        return rows.last_position(self.connections.get())

    def admit(
        self,
        entry: Entry,
        dependencies: Mapping[str, float | None],
        files: Iterable[str],
        position: int,
        *,
        place: Callable[[int], None],
        remove: Remove,
    ) -> bool:
        """Keep a copy whose files `place` puts there; False where something that it used changed after `position`.

        `place` is told the second by which they are dated. In two steps, so that whoever is killed between them leaves a row
        without a file, never a file that no change can find. A change between the steps marks the row or takes it away, and
        the copy is refused.
        """
        needed = {**dependencies, keys.ALL: None, keys.record(entry.site): None}
        with self.connections.writing() as connection:
            at_all = keys.address(entry.address.host, entry.address.path)
            if rows.was_touched(connection, {**needed, at_all: None}, position):
                return False
            number = rows.insert(connection, entry, needed, files)
        with self.connections.writing() as connection:
            if not connection.execute("SELECT 1 FROM entries WHERE id = ? AND stale = 0", (number,)).fetchone():
                return False
            place(rows.own_second(connection, entry.address))
            old = [found.id for found in rows.at_address(connection, entry.generation, entry.address, pending=False)]
            remove((), rows.unused_without(connection, old))
            rows.delete(connection, old)
            connection.execute("UPDATE entries SET pending = 0 WHERE id = ?", (number,))
        return True

    def touch(self, touches: Iterable[Touch], *, remove: Remove) -> Touched:
        """Note changes; return what they mean for the copies, those to drop removed already.

        Files go before anything is written: who is killed between leaves rows without files, which the next change
        removes again, and a full disk keeps no withdrawn page. What goes only because there is too much of it goes
        afterwards, and bit by bit, and the files of a whole site go before: others wait for this transaction.
        """
        told = merged(touches)
        if not told:
            return Touched(self.position())
        if any(touch.gone and touch.key.startswith("record:") for touch in told):
            self.take_off(told, remove=remove)
        with self.connections.writing() as connection:
            found = reach.reach_of(connection, told, self.generation)
            dropped, unused = list(found.dropped.values()), rows.unused_without(connection, found.dropped)
            remove(dropped, unused)
            position = rows.note(connection, told, REMEMBERED_SECONDS)
            reach.mark(connection, found, position - len(told) + 1)
        surplus = list(found.surplus.values())
        unused += self.forget(surplus, remove=remove)
        return Touched(position, [*found.again.values(), *found.replace.values()], [*dropped, *surplus], unused)

    def note(self, touches: Iterable[Touch]) -> None:
        """Note changes without looking what they mean: renders under way that used these keys are refused."""
        with self.connections.writing() as connection:
            rows.note(connection, merged(touches), REMEMBERED_SECONDS)

    def take_off(self, touches: Iterable[Touch], *, remove: Remove) -> tuple[list[Entry], list[str]]:
        """Remove the files of what is gone, and note nothing: a reader of the index waits for nobody, and nobody for him.

        The rows stay, so that the same change finds them once more. Return copies and files.
        """
        connection = self.connections.get()
        found = reach.reach_of(connection, merged(touches), self.generation)
        dropped, unused = list(found.dropped.values()), rows.unused_without(connection, found.dropped)
        remove(dropped, unused)
        return dropped, unused

    def stale_entries(self, limit: int = 100) -> list[Entry]:
        """Return the copies that wait for another, in their turn; of one change the most important first."""
        where = "e.stale > 0 AND e.generation = ? ORDER BY e.stale, e.kind, e.used_at DESC LIMIT ?"
        return rows.select(self.connections.get(), where, (self.generation, limit))

    def due(self, now: float | None = None, limit: int = 100) -> list[Entry]:
        """Return the copies whose time is over (recording.holds_until)."""
        where = "e.holds_until <= ? AND e.generation = ? ORDER BY e.holds_until LIMIT ?"
        return rows.select(self.connections.get(), where, (time.time() if now is None else now, self.generation, limit))

    def holds(self, entry: Entry) -> bool:
        """Tell whether the copy is still there and shows all that is known."""
        return bool(rows.select(self.connections.get(), "e.id = ? AND e.stale = 0 AND e.pending = 0", (entry.id,)))

    def is_in_place(self, entry: Entry) -> bool:
        """Tell whether the copy is still what citizens get, however old."""
        return bool(rows.select(self.connections.get(), "e.id = ? AND e.pending = 0", (entry.id,)))

    def is_kept(self, entry: Entry) -> bool:
        """Tell whether the copy, or its place in the queue, is still there."""
        return bool(rows.select(self.connections.get(), "e.id = ?", (entry.id,)))

    def uses(self, entry: Entry) -> set[str]:
        """Return the keys of what the copy shows."""
        return set(rows.dependencies_of(self.connections.get(), entry.id))

    def entries_of(self, site: str | None = None) -> list[Entry]:
        """Return all copies of a site (its schema), or of all sites, of every generation."""
        return rows.select(self.connections.get(), "? IS NULL OR e.site = ? ORDER BY e.id", (site, site))

    def entries_at(self, host: str, path: str) -> list[Entry]:
        """Return the copies of one page: its variants, pages of its list, generations."""
        return rows.select(self.connections.get(), "e.host = ? AND e.path = ?", (host, path))

    def forget(self, entries: Iterable[Entry], *, remove: Remove) -> list[str]:
        """Remove copies; return the files that nothing uses any more. In slices, so that nobody waits long."""
        wanted, unused = list(entries), []
        for first in range(0, len(wanted), _SLICE):
            unused += self._forget(wanted[first : first + _SLICE], remove)
        return unused

    def _forget(self, wanted: Sequence[Entry], remove: Remove) -> list[str]:
        with self.connections.writing() as connection:
            # A copy that was replaced meanwhile has another row, and its files are those of the new one.
            going = [entry for entry in wanted if rows.select(connection, "e.id = ?", (entry.id,))]
            numbers = [entry.id for entry in going]
            unused = rows.unused_without(connection, numbers)
            remove(going, unused)
            rows.delete(connection, numbers)
        return unused

    def forget_broken(self, suspects: Iterable[Entry], is_broken: IsBroken, *, remove: Remove) -> list[Entry]:
        """Remove those of these copies that are still broken now that nobody can be placing one; return them."""
        with self.connections.writing() as connection:
            known = [entry for suspect in suspects for entry in rows.select(connection, "e.id = ?", (suspect.id,))]
            broken = [entry for entry in known if is_broken(entry)]
            numbers = [entry.id for entry in broken]
            # What a killed writer left may stand beside a whole copy, whose files stay.
            going = [entry for entry in broken if not rows.stands_beside(connection, entry)]
            remove(going, rows.unused_without(connection, numbers))
            rows.delete(connection, numbers)
        return broken

    def sweep(self, hosts: Iterable[str], names: Iterable[str], remove: Callable[[list[Entry], set[str]], int]) -> int:
        """Let files that seemed to be nobody's be removed while nobody can place any; return how many were.

        `remove` gets what is known of these hosts, and which of these pictures and attachments are used after all.
        """
        with self.connections.writing() as connection:
            known = [entry for host in set(hosts) for entry in rows.select(connection, "e.host = ?", (host,))]
            return remove(known, {name for name in names if rows.is_used(connection, name)})

    def standing(self) -> list[Entry]:
        """Return the copies whose files ought to be on the disk."""
        return rows.select(self.connections.get(), _STANDING, (time.time() - _PLACING_SECONDS,))

    def used_files(self) -> set[str]:
        """Return the pictures and attachments that copies use."""
        return {name for (name,) in self.connections.get().execute("SELECT DISTINCT file FROM files")}

    def usage(self) -> dict[str, Usage]:
        """Return how many copies and bytes each host has."""
        found = self.connections.get().execute("SELECT host, entries, bytes FROM usage WHERE entries > 0")
        return {host: Usage(entries, size) for host, entries, size in found}

    def make_room(self, host: str | None, limit: float, used_at: UsedAt, *, remove: Remove) -> list[Entry]:
        """Remove what was least recently used where a host, or all of them, hold more bytes than the limit; `home` stays."""
        stored = sum(usage.bytes for name, usage in self.usage().items() if host in (None, name))
        if stored <= limit:
            return []
        of_host, parameters = ("e.host = ? AND ", (host,)) if host else ("", ())
        where = f"{of_host}e.kind > ? ORDER BY e.used_at LIMIT ?"
        candidates = rows.select(self.connections.get(), where, (*parameters, KINDS.index("home"), _CANDIDATES))
        last_used = {entry.id: max(used_at(entry), entry.stored_at) for entry in candidates}
        excess, evicted = stored - int(limit * _ROOM), []
        for entry in sorted(candidates, key=lambda entry: last_used[entry.id]):
            if excess <= 0:
                break
            evicted.append(entry)
            excess -= entry.size
        self.forget(evicted, remove=remove)
        with self.connections.writing() as connection:
            moments = [(moment, number) for number, moment in last_used.items()]
            connection.executemany("UPDATE entries SET used_at = ? WHERE id = ?", moments)
        return evicted
