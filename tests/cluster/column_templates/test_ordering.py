"""Numbers for columns that are put in order: as few pages move as can be, and none onto another's number."""

import random

import pytest

from cluster.column_templates.ordering import GAP, Placed, has_reordered, new_places


def columns(**places: int) -> list[Placed]:
    return [Placed(code, place) for code, place in places.items()]


def arranged(wanted: list[Placed], moved: dict[str, int]) -> list[str]:
    """Return the codes as they stand after the move."""
    return sorted(
        (one.code for one in wanted), key=lambda code: moved.get(code) or {o.code: o.place for o in wanted}[code]
    )


def test_what_is_in_order_stays() -> None:
    assert new_places(columns(a=1, b=2, c=7), {1, 2, 3, 7}) == {}


def test_a_column_comes_to_stand_in_a_gap() -> None:
    wanted = [Placed("a", 1), Placed("new", 90), Placed("b", 40, 30)]
    assert new_places(wanted, {1, 40, 90}) == {"new": 21}


def test_where_there_is_no_gap_what_follows_goes_behind_and_leaves_gaps() -> None:
    wanted = [Placed("a", 1, 500), Placed("new", 4), Placed("b", 2, 10), Placed("c", 3, 10)]
    moved = new_places(wanted, {1, 2, 3, 4})
    assert moved == {"new": 4 + GAP, "b": 4 + 2 * GAP, "c": 4 + 3 * GAP}
    assert arranged(wanted, moved) == ["a", "new", "b", "c"]


def test_items_of_the_parent_keep_their_numbers() -> None:
    moved = new_places(columns(b=3, a=1), {1, 2, 3, 4, 5})
    assert set(moved.values()).isdisjoint({1, 2, 3, 4, 5})


@pytest.mark.parametrize("seed", range(30))
def test_every_order_is_reached(seed: int) -> None:
    chance = random.Random(seed)
    taken = chance.sample(range(1, 60), 20)
    wanted = [Placed(f"c{place}", place, chance.randint(1, 9)) for place in taken[:12]]
    moved = new_places(wanted, set(taken))
    assert arranged(wanted, moved) == [one.code for one in wanted]
    assert set(moved.values()).isdisjoint(taken)
    assert len(set(moved.values())) == len(moved)


def test_a_site_reorders_what_was_planted_not_what_came_or_went() -> None:
    assert not has_reordered(["a", "c", "own"], ["a", "b", "c"])
    assert has_reordered(["c", "a"], ["a", "b", "c"])
