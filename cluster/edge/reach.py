"""What changes mean for the copies: which wait for another, which go, which go and are wanted again at once.

Called by cluster.edge.index inside the transaction that then does it.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from cluster.edge import keys, rows
from cluster.edge.entries import DROPPED_FROM, KINDS, STAYING, Entry, Touch

# A change that means so many copies, such as the site's own name, replaces the most important; the rest is dropped and
# made again when somebody asks. Home pages and columns are never among the rest, however many there are.
REPLACED_AT_MOST = 400
# A change that means more copies than this waits behind those that mean fewer: a publication does not stand in line behind
# the four hundred pages of a site that was renamed.
FEW = 24
_BEHIND = 1 << 40
# Lists and front pages that lose a line, a picture or an attachment are wanted again at once; what is itself gone is not.
_MADE_AGAIN = {"home", "column", "feed"}
_LOST = ("line:", "image:", "document:", "borrowed:")


@dataclass(slots=True)
class Reach:
    """Entries by number. What stands in `again` stands in `dropped`, too; `turns` says when each is replaced, from 0 on.

    `surplus` goes as well, and can wait for that.
    """

    replace: dict[int, Entry] = field(default_factory=dict)
    dropped: dict[int, Entry] = field(default_factory=dict)
    again: dict[int, Entry] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)
    surplus: dict[int, Entry] = field(default_factory=dict)


def reach_of(connection: sqlite3.Connection, touches: Sequence[Touch], generation: str) -> Reach:
    """Find the copies that the changes reach.

    Copies of other generations are made again by nobody: they go with whatever they show that is gone or is shown
    otherwise now, so that none brings back what was corrected, and stay where something new is merely lacking.
    """
    reach = Reach()
    for number, touch in enumerate(touches):
        is_shown = touch.key.startswith(keys.SHOWING)
        is_gone = touch.gone and (is_shown or touch.key.startswith((keys.ADDRESS, "record:")))
        reached = rows.reached_by(connection, touch, None if is_gone or is_shown else generation)
        turn = number if len(reached) <= FEW else number + _BEHIND
        for entry in reached:
            reach.turns[entry.id] = min(turn, reach.turns.get(entry.id, turn))
            if is_gone and _goes_along(touch, entry):
                _drop(reach, touch, entry, generation)
            elif entry.generation != generation:
                if is_shown:
                    reach.dropped[entry.id] = entry
            elif KINDS.index(entry.kind) >= DROPPED_FROM:
                reach.dropped[entry.id] = entry
            else:
                reach.replace[entry.id] = entry
    waiting = sorted((entry for number, entry in reach.replace.items() if number not in reach.dropped), key=_rank)
    replaced = max(REPLACED_AT_MOST, sum(entry.kind in STAYING for entry in waiting))
    reach.surplus = {entry.id: entry for entry in waiting[replaced:]}
    reach.replace = {entry.id: entry for entry in waiting[:replaced]}
    return reach


def _goes_along(touch: Touch, entry: Entry) -> bool:
    """Tell whether a copy goes with what is gone: a closed site takes its own pages along, not those that name it."""
    return not touch.key.startswith("record:") or touch.key == keys.record(entry.site)


def _drop(reach: Reach, touch: Touch, entry: Entry, generation: str) -> None:
    reach.dropped[entry.id] = entry
    if touch.key.startswith(_LOST) and entry.kind in _MADE_AGAIN and entry.generation == generation:
        reach.again[entry.id] = entry


def _rank(entry: Entry) -> tuple[int, float]:
    return KINDS.index(entry.kind), -entry.stored_at


def mark(connection: sqlite3.Connection, reach: Reach, first: int) -> None:
    """Write down what was found: rows of dropped copies go, the others wait for a copy that shows the change.

    `first` is the number of the first of the changes. A copy that waits already keeps its turn, unless it is an earlier one now.
    """
    for entry in reach.again.values():
        # A row without a copy, which waits for one; a late copy that was being put there is refused by its absence.
        for other in rows.at_address(connection, entry.generation, entry.address, pending=True):
            if other.id != entry.id:
                connection.execute("DELETE FROM entries WHERE id = ?", (other.id,))
        connection.execute("UPDATE entries SET pending = 1 WHERE id = ?", (entry.id,))
        connection.execute("DELETE FROM files WHERE entry = ?", (entry.id,))
    rows.delete(connection, (number for number in reach.dropped if number not in reach.again))
    connection.executemany(
        "UPDATE entries SET stale = CASE WHEN stale = 0 THEN :turn ELSE min(stale, :turn) END WHERE id = :id",
        [
            {"id": number, "turn": first + reach.turns[number]}
            for number in (*reach.replace, *reach.again, *reach.surplus)
        ],
    )
