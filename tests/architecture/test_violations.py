"""The listing of violating actions tells of every road that the issue names, and of what the tables really hold."""

from tests.support.violations import GATE, LISTING, LOCK, NONE, ROADS, listing, on, violations


def test_the_listing_is_what_the_tables_hold() -> None:
    assert LISTING.read_text(encoding="utf-8") == listing(), "python -m tests.support.violations"


def test_every_road_is_walked_against_lock_and_gate() -> None:
    tried = violations()
    empty = {(law, road) for law in (LOCK, GATE) for road in ROADS if not on(road, tried[law])}
    assert empty == set(NONE)


def test_nothing_is_tried_on_a_road_without_a_name_and_nothing_counted_twice() -> None:
    for names in violations().values():
        assert [name for name in names if name.partition(": ")[0] not in ROADS] == []
        assert len(names) == len(set(names))
        assert len(names) >= 40
