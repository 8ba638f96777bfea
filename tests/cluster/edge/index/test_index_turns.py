"""In which order copies are replaced, and how many at once."""

import pytest

from cluster.edge import keys, reach
from cluster.edge.entries import Touch
from tests.cluster.edge.index.shelf import NEW, NEWER, OLD, A, B, Shelf, paths_of


def test_a_change_of_everything_replaces_the_most_important(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "REPLACED_AT_MOST", 2)
    for path, kind in (("/x/", "item"), ("/y/", "item"), ("/", "home")):
        shelf.put(path, kind=kind)
    found = shelf.touch(Touch(keys.record(A)))
    assert paths_of(found.replace) == ["/", "/y/"]
    assert shelf.removed == ["/x/"]


def test_home_pages_and_columns_stay_until_they_are_replaced_however_many_there_are(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "REPLACED_AT_MOST", 2)
    for site in (A, B):
        for path, kind in (("/x/", "item"), ("/dtyw/rss/", "feed"), ("/dtyw/", "column"), ("/", "home")):
            shelf.put(path, site=site, kind=kind)
    found = shelf.touch(Touch(keys.record(A)))
    assert paths_of(found.replace) == ["/", "/dtyw/"]
    assert sorted(shelf.removed) == ["/dtyw/rss/", "/x/"]
    assert len(shelf.paths(B)) == 4, "another site's change reaches nothing here"
    shelf.removed.clear()
    found = shelf.touch(Touch(keys.ALL))
    assert sorted(paths_of(found.replace)) == ["/", "/", "/dtyw/", "/dtyw/"]
    assert sorted(shelf.removed) == ["/dtyw/rss/", "/x/"]
    assert sorted(_places(shelf)) == [(A, "/"), (A, "/dtyw/"), (B, "/"), (B, "/dtyw/")]


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
    assert paths_of(shelf.index.stale_entries()) == ["/"]
    assert shelf.touch().position == before + 1
