"""Copies whose time is over, room on the disk, and that nobody holds the index for long."""

from collections.abc import Sequence

import pytest

from cluster.edge import keys, reach
from cluster.edge.entries import Entry, Touch
from tests.cluster.edge.index.shelf import A, B, Shelf, paths_of


def test_copies_whose_time_is_over_are_due(shelf: Shelf) -> None:
    shelf.put("/x/", holds_until=100.0)
    shelf.put("/y/", holds_until=200.0)
    shelf.put("/z/")
    assert paths_of(shelf.index.due(150.0)) == ["/x/"]
    assert paths_of(shelf.index.due()) == ["/x/", "/y/"]


def test_usage_follows_what_comes_and_goes(shelf: Shelf) -> None:
    shelf.put("/x/", size=10)
    shelf.put("/x/", size=30)
    shelf.put("/y/", size=5)
    shelf.put("/x/", site=B, size=7)
    usage = shelf.index.usage()
    assert [(usage[f"{site}.localhost"].entries, usage[f"{site}.localhost"].bytes) for site in (A, B)] == [
        (2, 35),
        (1, 7),
    ]
    shelf.index.forget(shelf.index.entries_of(A), remove=shelf.remove)
    assert list(shelf.index.usage()) == [f"{B}.localhost"]


def test_room_is_made_where_it_lacks_by_what_was_least_read(shelf: Shelf) -> None:
    for number in range(10):
        shelf.put(f"/{number}/", size=100, stored_at=float(number))
    shelf.put("/", kind="home", size=100, stored_at=0.0)
    shelf.put("/0/", site=B, size=100, stored_at=0.0)
    read = {"/0/": 50.0}
    evicted = shelf.index.make_room(
        f"{A}.localhost", 1000, lambda entry: read.get(entry.address.path, 0.0), remove=shelf.remove
    )
    assert paths_of(evicted) == shelf.removed == ["/1/", "/2/"]
    assert shelf.index.make_room(f"{A}.localhost", 1000, lambda entry: 0.0, remove=shelf.remove) == []
    assert shelf.paths(B) == ["/0/"]


class TestNobodyWaitsLong:
    """Withdrawals wait for whoever holds the index: many copies are removed in many transactions."""

    @pytest.fixture
    def five(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Shelf:
        monkeypatch.setattr("cluster.edge.index._SLICE", 2)
        for number in range(5):
            shelf.put(f"/{number}/", keys.line(A, 1), files=["shared.png"])
        shelf.put("/theirs/", keys.line(B, 1), site=B)
        return shelf

    def test_forgetting_goes_in_slices(self, five: Shelf) -> None:
        sizes: list[int] = []

        def remove(entries: Sequence[Entry], files: Sequence[str]) -> None:
            five.remove(entries, files)
            sizes.append(len(entries))

        five.index.forget(five.index.entries_of(A), remove=remove)
        assert sizes == [2, 2, 1]
        assert five.paths() == ["/theirs/"]
        assert five.unlinked == ["shared.png"], "with the last that used it"

    def test_what_is_too_much_to_replace_goes_in_slices_afterwards(
        self, five: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reach, "REPLACED_AT_MOST", 1)
        found = five.touch(Touch(keys.line(A, 1)))
        assert len(found.dropped) == 4
        assert len(five.paths(A)) == 1
        assert five.paths(B) == ["/theirs/"]

    def test_files_of_a_whole_site_go_before_the_index_is_held(self, five: Shelf) -> None:
        free: list[bool] = []

        def remove(entries: Sequence[Entry], files: Sequence[str]) -> None:
            free.append(not five.index.connections.get().in_transaction)
            five.remove(entries, files)

        five.index.touch([Touch(keys.record(A), gone=True)], remove=remove)
        assert free == [True, False]
        assert five.paths() == ["/theirs/"]
        assert "/theirs/" not in five.removed

    def test_without_the_index_files_go_and_rows_wait_for_the_same_change(self, five: Shelf) -> None:
        five.index.take_off([Touch(keys.line(A, 1), gone=True)], remove=five.remove)
        assert sorted(five.removed) == [f"/{number}/" for number in range(5)]
        assert len(five.paths(A)) == 5
        five.touch(Touch(keys.line(A, 1), gone=True))
        assert five.paths() == ["/theirs/"]

    def test_a_noted_change_refuses_the_render_under_way_and_removes_nothing(self, five: Shelf) -> None:
        position = five.index.position()
        five.index.note([Touch(keys.record(A))])
        assert not five.put("/late/", position=position)
        assert five.put("/theirs/2/", site=B, position=position)
        assert len(five.paths(A)) == 5
