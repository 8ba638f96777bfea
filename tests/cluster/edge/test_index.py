"""The index of the store: admission, what changes reach, removal, room. No database but its own file."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from cluster.edge import keys, reach
from cluster.edge.entries import Address, Entry, Touch
from cluster.edge.index import Index

A, B = "site_alpha", "site_beta"
OLD, NEW, NEWER = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2024, 2025))


class Shelf:
    """An index with a row of paths in place of files."""

    def __init__(self, path: Path) -> None:
        self.index = Index(path, "g1")
        self.placed: list[str] = []
        self.removed: list[str] = []
        self.unlinked: list[str] = []

    def remove(self, entries: Sequence[Entry], files: Sequence[str]) -> None:
        self.removed += [entry.address.path for entry in entries]
        self.unlinked += files

    def put(
        self,
        path: str,
        *used: str,
        site: str = A,
        kind: str = "item",
        bounds: Mapping[str, float] | None = None,
        position: int | None = None,
        place: Callable[[int], None] = lambda second: None,
        **more: object,
    ) -> bool:
        files = more.pop("files", ())
        host = f"{site}.localhost"
        address = Address(host, path, str(more.pop("query", "")), str(more.pop("variant", "n")))
        facts = {"size": 10, "stored_at": time.time(), "media_class": "html", "generation": "g1", **more}
        entry = Entry(address=address, site=site, kind=kind, **facts)
        needed = {**dict.fromkeys(used), **(bounds or {})}
        at = self.index.position() if position is None else position
        return self.index.admit(entry, needed, files, at, place=place, remove=self.remove)

    def touch(self, *touches: Touch):
        return self.index.touch(touches, remove=self.remove)

    def paths(self, site: str | None = None) -> list[str]:
        return [entry.address.path for entry in self.index.entries_of(site)]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store" / "index.sqlite3")
    yield shelf
    shelf.index.connections.close()


def _paths(entries: Sequence[Entry]) -> list[str]:
    return [entry.address.path for entry in entries]


# ---- admission


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
    assert _paths(shelf.index.stale_entries()) == ["/a/"], "and is asked for again"


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
    assert _paths(shelf.touch(Touch(keys.page(A, 2))).replace) == ["/a/"]


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


# ---- what changes reach


def test_a_change_marks_exactly_what_used_it(shelf: Shelf) -> None:
    shelf.put("/a/", keys.page(A, 1))
    shelf.put("/b/", keys.page(A, 2))
    shelf.put("/a/", keys.page(B, 1), site=B)
    found = shelf.touch(Touch(keys.page(A, 1)))
    assert [(entry.site, entry.address.path) for entry in found.replace] == [(A, "/a/")]
    assert found.dropped == []
    assert _paths(shelf.index.stale_entries()) == ["/a/"]
    assert shelf.put("/a/", keys.page(A, 1))
    assert shelf.index.stale_entries() == []


def test_bounded_lists_are_reached_by_what_belongs_into_them(shelf: Shelf) -> None:
    key = keys.members(A, "dtyw")
    shelf.put("/", bounds={key: NEW.timestamp()}, kind="home")
    shelf.put("/dtyw/", key, kind="column")
    assert _paths(shelf.touch(Touch(key, OLD)).replace) == ["/dtyw/"]
    assert _paths(shelf.touch(Touch(key, NEW)).replace) == ["/", "/dtyw/"]
    assert _paths(shelf.touch(Touch(key)).replace) == ["/", "/dtyw/"], "undated reaches everything"


def test_home_comes_first_and_deep_pages_go(shelf: Shelf) -> None:
    key = keys.members(A, "dtyw")
    for path, kind in (("/feed/", "feed"), ("/dtyw/x/", "item"), ("/dtyw/", "column"), ("/", "home")):
        shelf.put(path, key, kind=kind)
    shelf.put("/dtyw/", key, kind="deep", query="page=7")
    shelf.put("/sitemap.xml", key, kind="map")
    found = shelf.touch(Touch(key, OLD))
    assert _paths(found.replace) == ["/", "/dtyw/", "/dtyw/x/", "/feed/"]
    assert _paths(shelf.index.stale_entries()) == ["/", "/dtyw/", "/dtyw/x/", "/feed/"]
    assert sorted(shelf.removed) == ["/dtyw/", "/sitemap.xml"]


def test_what_is_gone_takes_along_every_copy_that_shows_it(shelf: Shelf) -> None:
    line = keys.line(A, 1)
    shelf.put("/dtyw/x/", keys.page(A, 1), line)
    shelf.put("/dtyw/x/", keys.page(A, 1), line, variant="e")
    shelf.put("/", line, kind="home")
    shelf.put("/dtyw/", line, kind="deep", query="page=3")
    shelf.put("/dtyw/y/", keys.page(A, 2))
    shelf.put("/dtyw/x/", keys.page(B, 1), keys.line(B, 1), site=B)
    found = shelf.touch(Touch(keys.page(A, 1), gone=True), Touch(line, gone=True))
    assert sorted(shelf.removed) == ["/", "/dtyw/", "/dtyw/x/", "/dtyw/x/"]
    assert _paths(found.replace) == _paths(shelf.index.stale_entries()) == ["/"], "the home page is wanted again"
    assert shelf.paths(A) == ["/", "/dtyw/y/"]
    assert shelf.paths(B) == ["/dtyw/x/"]


@pytest.mark.parametrize("key", [keys.image, keys.document])
def test_front_pages_that_lost_a_picture_or_an_attachment_are_wanted_again(
    shelf: Shelf, key: Callable[[str, int], str]
) -> None:
    for path, kind in (("/", "home"), ("/dtyw/", "column"), ("/dtyw/rss/", "feed"), ("/dtyw/x/", "item")):
        shelf.put(path, key(A, 1), kind=kind)
        shelf.put(path, key(B, 1), kind=kind, site=B)
    shelf.put("/", key(A, 1), kind="home", generation="g0")
    shelf.touch(Touch(key(A, 1), gone=True))
    assert sorted(shelf.removed) == ["/", "/", "/dtyw/", "/dtyw/rss/", "/dtyw/x/"]
    assert _paths(shelf.index.stale_entries()) == ["/", "/dtyw/", "/dtyw/rss/"]
    assert shelf.paths(B) == ["/", "/dtyw/", "/dtyw/rss/", "/dtyw/x/"]


def test_a_home_page_that_lost_a_line_is_made_again(shelf: Shelf) -> None:
    shelf.put("/", keys.line(A, 1), kind="home")
    shelf.touch(Touch(keys.line(A, 1), gone=True))
    assert shelf.put("/", keys.line(A, 2), kind="home")
    assert shelf.index.stale_entries() == []
    assert shelf.paths() == ["/"]


def test_a_render_under_way_is_refused_when_its_line_goes(shelf: Shelf) -> None:
    shelf.put("/", keys.line(A, 1), kind="home")
    before = shelf.index.position()
    shelf.touch(Touch(keys.line(A, 1), gone=True))
    assert not shelf.put("/", keys.line(A, 1), kind="home", position=before)


def test_files_go_when_no_other_copy_uses_them(shelf: Shelf) -> None:
    shelf.put("/x/", keys.page(A, 1), files=["/documents/1/a.pdf", "/documents/2/b.pdf"])
    shelf.put("/y/", keys.page(A, 2), files=["/documents/2/b.pdf"])
    assert shelf.touch(Touch(keys.page(A, 1), gone=True)).unused == shelf.unlinked == ["/documents/1/a.pdf"]
    assert shelf.touch(Touch(keys.page(A, 2), gone=True)).unused == ["/documents/2/b.pdf"]


def test_a_site_that_closes_leaves_nothing(shelf: Shelf) -> None:
    shelf.put("/", keys.page(A, 1), kind="home")
    shelf.put("/", keys.page(B, 1), site=B, kind="home")
    shelf.touch(Touch(keys.record(A), gone=True))
    assert shelf.paths(A) == []
    assert shelf.paths(B) == ["/"]


def test_a_site_that_closes_leaves_the_pages_of_others_that_name_it_in_place(shelf: Shelf) -> None:
    shelf.put("/", keys.record(A), site=B, kind="home")
    shelf.put("/old/", keys.record(A), site=B, generation="g0")
    found = shelf.touch(Touch(keys.record(A), gone=True))
    assert shelf.paths(B) == ["/", "/old/"]
    assert _paths(found.replace) == ["/"]


def test_copies_of_the_generation_before_only_ever_go(shelf: Shelf) -> None:
    shelf.put("/x/", keys.page(A, 1), keys.line(A, 1), generation="g0")
    shelf.put("/", keys.line(A, 1), generation="g0", kind="home")
    shelf.touch(Touch(keys.page(A, 1)), Touch(keys.record(A)))
    assert shelf.index.stale_entries() == []
    assert shelf.paths() == ["/"], "what shows the changed page itself would bring back what was corrected"
    shelf.touch(Touch(keys.line(A, 1), gone=True))
    assert shelf.paths() == []


def test_a_change_of_everything_replaces_the_most_important(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "REPLACED_AT_MOST", 2)
    for path, kind in (("/x/", "item"), ("/y/", "item"), ("/", "home")):
        shelf.put(path, kind=kind)
    found = shelf.touch(Touch(keys.record(A)))
    assert _paths(found.replace) == ["/", "/y/"]
    assert shelf.removed == ["/x/"]


def test_a_publication_does_not_wait_behind_a_change_of_a_whole_site(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "FEW", 2)
    key = keys.members(B, "dtyw")
    for path in ("/", "/x/", "/y/"):
        shelf.put(path, kind="item" if path != "/" else "home")
    for path, kind in (("/dtyw/", "column"), ("/", "home")):
        shelf.put(path, key, site=B, kind=kind)
    shelf.touch(Touch(keys.record(A)))
    shelf.touch(Touch(key))
    assert _places(shelf) == [(B, "/"), (B, "/dtyw/"), (A, "/"), (A, "/y/"), (A, "/x/")]
    shelf.put("/x/")
    shelf.touch(Touch(keys.record(B)), Touch(key))
    assert _places(shelf)[:2] == [(B, "/"), (B, "/dtyw/")], "who waits already keeps the turn"


def _places(shelf: Shelf) -> list[tuple[str, str]]:
    return [(entry.site, entry.address.path) for entry in shelf.index.stale_entries()]


def test_of_publications_the_earlier_comes_first(shelf: Shelf) -> None:
    for site in (A, B):
        shelf.put("/", keys.members(site, "dtyw"), site=site, kind="home")
        shelf.put("/dtyw/", keys.members(site, "dtyw"), site=site, kind="column")
    shelf.touch(Touch(keys.members(B, "dtyw")), Touch(keys.members(A, "dtyw")))
    shelf.touch(Touch(keys.members(B, "dtyw")))
    assert _places(shelf) == [(B, "/"), (B, "/dtyw/"), (A, "/"), (A, "/dtyw/")]


def test_changes_of_one_batch_count_once(shelf: Shelf) -> None:
    key = keys.members(A, "dtyw")
    shelf.put("/", bounds={key: NEW.timestamp()}, kind="home")
    before = shelf.index.position()
    assert shelf.touch(Touch(key, OLD), Touch(key, NEWER), Touch(key, OLD)).position == before + 1
    assert _paths(shelf.index.stale_entries()) == ["/"]
    assert shelf.touch().position == before + 1


def test_a_removal_that_fails_undoes_the_change_in_the_index(shelf: Shelf) -> None:
    shelf.put("/x/", keys.page(A, 1))

    def fail(entries: Sequence[Entry], files: Sequence[str]) -> None:
        raise OSError("只读")

    with pytest.raises(OSError, match="只读"):
        shelf.index.touch([Touch(keys.page(A, 1), gone=True)], remove=fail)
    assert shelf.paths() == ["/x/"]
    shelf.touch(Touch(keys.page(A, 1), gone=True))
    assert shelf.paths() == []


# ---- time, room


def test_copies_whose_time_is_over_are_due(shelf: Shelf) -> None:
    shelf.put("/x/", holds_until=100.0)
    shelf.put("/y/", holds_until=200.0)
    shelf.put("/z/")
    assert _paths(shelf.index.due(150.0)) == ["/x/"]
    assert _paths(shelf.index.due()) == ["/x/", "/y/"]


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
    assert _paths(evicted) == shelf.removed == ["/1/", "/2/"]
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
