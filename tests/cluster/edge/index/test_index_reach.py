"""Which copies a change reaches: replaced, dropped, gone, and the files that nobody uses any more."""

from collections.abc import Callable, Sequence

import pytest

from cluster.edge import keys
from cluster.edge.entries import Entry, Touch
from tests.cluster.edge.index.shelf import NEW, OLD, A, B, Shelf, paths_of


def test_a_change_marks_exactly_what_used_it(shelf: Shelf) -> None:
    shelf.put("/a/", keys.page(A, 1))
    shelf.put("/b/", keys.page(A, 2))
    shelf.put("/a/", keys.page(B, 1), site=B)
    found = shelf.touch(Touch(keys.page(A, 1)))
    assert [(entry.site, entry.address.path) for entry in found.replace] == [(A, "/a/")]
    assert found.dropped == []
    assert paths_of(shelf.index.stale_entries()) == ["/a/"]
    assert shelf.put("/a/", keys.page(A, 1))
    assert shelf.index.stale_entries() == []


def test_bounded_lists_are_reached_by_what_belongs_into_them(shelf: Shelf) -> None:
    key = keys.members(A, "dtyw")
    shelf.put("/", bounds={key: NEW.timestamp()}, kind="home")
    shelf.put("/dtyw/", key, kind="column")
    assert paths_of(shelf.touch(Touch(key, OLD)).replace) == ["/dtyw/"]
    assert paths_of(shelf.touch(Touch(key, NEW)).replace) == ["/", "/dtyw/"]
    assert paths_of(shelf.touch(Touch(key)).replace) == ["/", "/dtyw/"], "undated reaches everything"


def test_home_comes_first_and_deep_pages_go(shelf: Shelf) -> None:
    key = keys.members(A, "dtyw")
    for path, kind in (("/feed/", "feed"), ("/dtyw/x/", "item"), ("/dtyw/", "column"), ("/", "home")):
        shelf.put(path, key, kind=kind)
    shelf.put("/dtyw/", key, kind="deep", query="page=7")
    shelf.put("/sitemap.xml", key, kind="map")
    found = shelf.touch(Touch(key, OLD))
    assert paths_of(found.replace) == ["/", "/dtyw/", "/dtyw/x/", "/feed/"]
    assert paths_of(shelf.index.stale_entries()) == ["/", "/dtyw/", "/dtyw/x/", "/feed/"]
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
    assert paths_of(found.replace) == paths_of(shelf.index.stale_entries()) == ["/"], "the home page is wanted again"
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
    assert paths_of(shelf.index.stale_entries()) == ["/", "/dtyw/", "/dtyw/rss/"]
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
    assert paths_of(found.replace) == ["/"]


def test_copies_of_the_generation_before_only_ever_go(shelf: Shelf) -> None:
    shelf.put("/x/", keys.page(A, 1), keys.line(A, 1), generation="g0")
    shelf.put("/", keys.line(A, 1), generation="g0", kind="home")
    shelf.touch(Touch(keys.page(A, 1)), Touch(keys.record(A)))
    assert shelf.index.stale_entries() == []
    assert shelf.paths() == ["/"], "what shows the changed page itself would bring back what was corrected"
    shelf.touch(Touch(keys.line(A, 1), gone=True))
    assert shelf.paths() == []


def test_a_removal_that_fails_undoes_the_change_in_the_index(shelf: Shelf) -> None:
    shelf.put("/x/", keys.page(A, 1))

    def fail(entries: Sequence[Entry], files: Sequence[str]) -> None:
        raise OSError("只读")

    with pytest.raises(OSError, match="只读"):
        shelf.index.touch([Touch(keys.page(A, 1), gone=True)], remove=fail)
    assert shelf.paths() == ["/x/"]
    shelf.touch(Touch(keys.page(A, 1), gone=True))
    assert shelf.paths() == []
