"""Index and disk are brought together while others write: what is being placed at that moment stays."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.edge import files as edge_files
from cluster.edge import keys
from cluster.edge.entries import Address, Touch
from cluster.edge.recording import Recording
from cluster.edge.store import Store
from tests.support.edging import join

A, B = "site_alpha", "site_beta"
GENERATION = "a" * 16


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store", GENERATION)
    join(store)
    yield store
    store.index.connections.close()


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "da-lou.webp"
    path.write_text("picture")
    return path


def address(path: str, site: str = A) -> Address:
    return Address(f"{site}.localhost", path, "", "n")


def put(store: Store, path: str, text: str = "页面", site: str = A, **uploads: Path) -> bool:
    """Store a page that uses the row of its own address, and files."""
    noted = Recording(store.index.position(), {keys.page(site, 1): None}, params=frozenset())
    links = {f"/media/{site}/images/{name}.webp": upload for name, upload in uploads.items()}
    return store.write(address(path, site), noted, text.encode(), site=site, uploads=links)


def is_whole(store: Store, path: str, site: str = A) -> bool:
    """Tell whether a page has one row and all the files of it."""
    found = store.index.entries_at(f"{site}.localhost", path)
    return [store.files.size_of(entry) for entry in found] == [entry.size for entry in found] != []


@pytest.mark.parametrize("kind", ["new", "replaced"])
def test_a_copy_placed_while_the_folders_are_walked_stays(
    store: Store, upload: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "/old/", da=upload)
    put(store, "/theirs/", site=B)
    if kind == "replaced":
        put(store, "/a/", "先前的", lou=upload)
    walk, listing = store.files.walk, store.uploads.walk

    def meanwhile(generations: list[str]) -> Iterator[Path]:
        put(store, "/a/", "刚刚放进来的", lou=upload)
        return walk(generations)

    def late() -> Iterator[str]:
        put(store, "/b/", da=upload, lou=upload)
        return listing()

    monkeypatch.setattr(store.files, "walk", meanwhile)
    monkeypatch.setattr(store.uploads, "walk", late)
    assert store.check_disk() == (0, 0)
    assert all(is_whole(store, path) for path in ("/old/", "/a/", "/b/"))
    assert is_whole(store, "/theirs/", B)
    assert {name.rpartition("/")[2] for name in store.uploads.walk()} == {"da.webp", "lou.webp"}


def test_a_stray_that_gets_its_row_meanwhile_stays(store: Store, upload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the first look and the second a page is stored where a crash left a file, and takes a link over."""
    put(store, "/a/", lou=upload)
    with store.index.connections.writing() as connection:
        connection.execute("DELETE FROM entries")
    stray = Path(store.root, GENERATION, f"{B}.localhost", "n", "left", "index.html")
    stray.parent.mkdir(parents=True)
    stray.write_text("left by a crash")
    used = store.index.used_files

    def meanwhile() -> set[str]:
        found = used()
        put(store, "/a/", "刚刚放进来的", lou=upload)
        return found

    monkeypatch.setattr(store.index, "used_files", meanwhile)
    assert store.check_disk() == (1, 0), "the file in the other site is nobody's, the other three and the link are used"
    assert is_whole(store, "/a/")
    assert len(set(store.uploads.walk())) == 1
    assert not stray.exists()


def test_a_broken_copy_that_is_replaced_meanwhile_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/a/", "/b/"):
        put(store, path)
        (entry,) = store.index.entries_at(f"{A}.localhost", path)
        Path(f"{store.files.path_of(entry)}.br").unlink()
    standing = store.index.standing

    def meanwhile() -> list[object]:
        found = standing()
        put(store, "/a/", "刚刚放进来的")
        return found

    monkeypatch.setattr(store.index, "standing", meanwhile)
    assert store.check_disk() == (0, 1)
    assert is_whole(store, "/a/")
    assert store.index.entries_at(f"{A}.localhost", "/b/") == []


def test_a_row_that_waits_for_its_copy_keeps_its_place(store: Store) -> None:
    """A list that lost a line is wanted again; a restart forgets none of them. What a killed writer left goes in time."""
    noted = Recording(store.index.position(), {keys.line(A, 1): None}, params=frozenset(), kind="home")
    store.write(address("/"), noted, b"home", site=A, uploads={})
    store.touch([Touch(keys.line(A, 1), gone=True)])
    assert store.check_disk() == (0, 0)
    assert [entry.address.path for entry in store.index.stale_entries()] == ["/"]
    with store.index.connections.writing() as connection:
        connection.execute("UPDATE entries SET stale = 0")
    assert store.check_disk() == (0, 0), "somebody may be placing it just now"
    with store.index.connections.writing() as connection:
        connection.execute("UPDATE entries SET stored_at = ?", (time.time() - 3600,))
    assert store.check_disk() == (0, 1)
    assert store.index.entries_of() == []


def test_what_a_killed_writer_left_takes_no_whole_copy_along(store: Store) -> None:
    put(store, "/a/")
    with store.index.connections.writing() as connection:
        names = "generation, host, variant, path, query, site, kind, media_class, used_at, holds_until"
        connection.execute(
            f"INSERT INTO entries ({names}, size, stored_at, pending) SELECT {names}, 1, 0, 1 FROM entries"
        )
    assert store.check_disk() == (0, 1)
    assert is_whole(store, "/a/")


def test_forgetting_a_copy_that_was_replaced_takes_nothing_away(store: Store) -> None:
    put(store, "/a/", "一")
    old = store.index.entries_at(f"{A}.localhost", "/a/")
    put(store, "/a/", "二")
    store.forget(old)
    assert is_whole(store, "/a/")
    store.forget(store.index.entries_at(f"{A}.localhost", "/a/"))
    assert store.find(address("/a/")) is None


def test_writers_and_checks_run_side_by_side(store: Store, upload: Path) -> None:
    """Every copy that was admitted last is whole at the end, in both sites, however often the disk was looked through."""
    stop, failures = threading.Event(), []

    def write(site: str) -> None:
        try:
            for number in range(120):
                path = f"/p{number % 12}/"
                if not put(store, path, f"第{number}次", site, lou=upload):
                    failures.append(path)
        except BaseException as error:
            failures.append(repr(error))
        finally:
            store.index.connections.close()

    def check() -> None:
        try:
            while not stop.is_set():
                store.check_disk()
        except BaseException as error:
            failures.append(repr(error))
        finally:
            store.index.connections.close()

    checker = threading.Thread(target=check)
    writers = [threading.Thread(target=write, args=(site,)) for site in (A, B)]
    for thread in (checker, *writers):
        thread.start()
    for thread in writers:
        thread.join(120)
    stop.set()
    checker.join(60)
    assert failures == []
    assert all(is_whole(store, f"/p{number}/", site) for number in range(12) for site in (A, B))
    assert len(set(store.uploads.walk())) == 2
    assert store.check_disk() == (0, 0)
    assert not any(edge_files.is_draft(path) for path in store.files.walk([GENERATION]))
