"""Which copies the index admits: those of which nothing changed since they were rendered."""

import shutil
import time

import pytest
import time_machine

from cluster.edge import keys
from cluster.edge.entries import Touch
from tests.cluster.edge.index.shelf import NEW, NEWER, OLD, A, B, Shelf, paths_of


def test_a_copy_is_admitted_and_found_by_its_site_alone(shelf: Shelf) -> None:
    assert shelf.put("/a/", keys.page(A, 1))
    assert shelf.put("/a/", keys.page(B, 1), site=B)
    assert shelf.paths(A) == shelf.paths(B) == ["/a/"]
    assert len(shelf.index.entries_of()) == 2
    assert [entry.site for entry in shelf.index.entries_at(f"{A}.localhost", "/a/")] == [A]


@pytest.mark.parametrize("key", [keys.page(A, 1), keys.ALL, keys.record(A)])
def test_a_copy_is_refused_when_what_it_used_changed_since(shelf: Shelf, key: str) -> None:
    """`all` and the site's record count for every page, named or not."""
    before = shelf.index.position()
    shelf.touch(Touch(key))
    assert not shelf.put("/a/", keys.page(A, 1), position=before)
    assert shelf.paths() == []
    assert shelf.put("/a/", keys.page(A, 1))


def test_changes_elsewhere_do_not_refuse_a_copy(shelf: Shelf) -> None:
    before = shelf.index.position()
    shelf.touch(Touch(keys.page(B, 1)), Touch(keys.page(A, 11)), Touch(keys.record(B)))
    assert shelf.put("/a/", keys.page(A, 1), position=before)


def test_a_bounded_use_is_refused_only_by_what_is_dated_within(shelf: Shelf) -> None:
    key, before = keys.members(A, "dtyw"), shelf.index.position()
    shelf.touch(Touch(key, OLD))
    assert shelf.put("/", bounds={key: NEW.timestamp()}, kind="home", position=before)
    shelf.touch(Touch(key, NEWER))
    assert not shelf.put("/", bounds={key: NEW.timestamp()}, kind="home", position=before)


def test_a_change_while_the_file_is_being_placed_refuses_it(shelf: Shelf) -> None:
    """Between the two steps of an admission another process may speak: played by a touch at the end of the first."""
    real = shelf.index.connections.writing
    calls = iter([False, True])

    def writing():
        if next(calls, False):
            shelf.index.connections.writing = real  # type: ignore[method-assign]
            shelf.touch(Touch(keys.page(A, 1)))
        return real()

    shelf.index.connections.writing = writing  # type: ignore[method-assign]
    assert not shelf.put("/a/", keys.page(A, 1), place=lambda second: shelf.placed.append("/a/"))
    assert shelf.placed == []
    assert paths_of(shelf.index.stale_entries()) == ["/a/"], "and is asked for again"


def test_a_writer_that_dies_leaves_a_row_that_the_next_change_finds(shelf: Shelf) -> None:
    def die(second: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shelf.put("/a/", keys.line(A, 1), place=die)
    # A later writer uses other things; what the dead one used stays noted, since its file may be in place.
    assert shelf.put("/a/", keys.line(A, 2))
    shelf.touch(Touch(keys.line(A, 1), gone=True))
    assert shelf.removed == ["/a/"]


def test_each_copy_of_an_address_has_a_second_of_its_own(shelf: Shelf) -> None:
    """Even after one that is gone, or of another generation; other addresses and a later minute have their own."""
    seconds: dict[str, list[int]] = {}

    def put(path: str, **more: object) -> None:
        assert shelf.put(path, keys.page(A, 1), place=lambda at: seconds.setdefault(path, []).append(at), **more)

    with time_machine.travel(1_800_000_000, tick=False) as clock:
        put("/a/")
        put("/a/")
        shelf.touch(Touch(keys.page(A, 1), gone=True))
        put("/a/")
        put("/a/", generation="g2")
        put("/b/")
        clock.shift(1000)
        put("/a/")
        put("/a/")
    assert [at - 1_800_000_000 for at in seconds["/a/"]] == [0, 1, 2, 3, 1000, 1001]
    assert [at - 1_800_000_000 for at in seconds["/b/"]] == [0]


def test_a_copy_replaces_the_one_before_with_all_that_it_used(shelf: Shelf) -> None:
    shelf.put("/a/", keys.page(A, 1), files=["/media/old.png", "/media/kept.png"])
    shelf.put("/a/", keys.page(A, 2), files=["/media/kept.png"])
    assert shelf.paths() == ["/a/"]
    assert shelf.unlinked == ["/media/old.png"]
    assert shelf.touch(Touch(keys.page(A, 1))).replace == []
    assert paths_of(shelf.touch(Touch(keys.page(A, 2))).replace) == ["/a/"]


def test_a_render_from_before_what_is_remembered_is_refused(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.touch(Touch(keys.page(A, 5)))
    monkeypatch.setattr("cluster.edge.index.REMEMBERED_SECONDS", -1.0)
    shelf.touch(Touch(keys.page(A, 6)))
    last = shelf.index.position()
    assert not shelf.put("/a/", keys.page(A, 1), position=0)
    assert shelf.put("/a/", keys.page(A, 1), position=last)


def test_an_index_that_is_lost_begins_anew_and_refuses_what_was_rendered_before(shelf: Shelf) -> None:
    shelf.touch(Touch(keys.page(A, 5)), Touch(keys.page(A, 6)))
    before = shelf.index.position()
    shutil.rmtree(shelf.index.connections.path.parent)
    time.sleep(0.01)
    assert shelf.index.position() > before
    shelf.touch(Touch(keys.page(A, 1)))
    assert not shelf.put("/a/", keys.page(A, 1), position=before)
    assert shelf.put("/a/", keys.page(A, 1))
    assert shelf.paths() == ["/a/"]
