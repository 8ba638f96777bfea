"""The order of planted columns below one parent: whether the site changed it, and which columns have to be put elsewhere.

Pure. `comparing` asks `has_reordered`; planting asks `new_places` and puts the columns there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

# Between columns that are put elsewhere, so that a later version finds room for another without moving any.
GAP = 16


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with its number among the children of its parent, and how many pages would move with it."""

    code: str
    place: int
    pages: int = 1


def has_reordered(standing: Sequence[str], planted: Sequence[str]) -> bool:
    """Whether columns stand in another order than the one in which the template planted them last."""
    known = set(standing)
    return [code for code in standing if code in planted] != [code for code in planted if code in known]


def new_places(wanted: Sequence[Placed], taken: Collection[int]) -> dict[str, int]:
    """Return code → new number for the columns that must move, as few pages as possible, to bring them into this order.

    `taken` holds the numbers of all children, of the columns themselves too.
    """
    staying, used, found = _staying(wanted), set(taken), {}
    last, end = 0, max(taken, default=0)
    for number, column in enumerate(wanted):
        if column in staying and column.place > last:
            last = column.place
            continue
        # Up to the next column that stays; where there is no room, this and all that follow go behind everything.
        limit = next((one.place for one in wanted[number + 1 :] if one in staying and one.place > last), None)
        room = [place for place in range(last + 1, limit) if place not in used] if limit else []
        last = room[len(room) // 2] if room else max(last, end) + GAP
        found[column.code] = last
        used.add(last)
    return found


def _staying(wanted: Sequence[Placed]) -> set[Placed]:
    """Return the columns that already stand in order, those with the most pages (heaviest rising sequence)."""
    best: list[tuple[int, tuple[Placed, ...]]] = []
    for column in wanted:
        before = max((one for one in best if one[1][-1].place < column.place), key=lambda one: one[0], default=(0, ()))
        best.append((before[0] + column.pages, (*before[1], column)))
    return set(max(best, key=lambda one: one[0], default=(0, ()))[1])
