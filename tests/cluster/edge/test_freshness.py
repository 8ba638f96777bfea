"""No stale copy: a render that a change overtook is refused; what a page used is what reaches it, in its own site alone."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.urls import include
from django.urls import path as route
from pytest_django import Settings

from cluster.edge import keys, middleware, recording
from cluster.edge.entries import Touch
from cluster.edge.locks import held, page_lock
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.documents import publish_document
from tests.support.edging import Front
from tests.support.pages import address_of
from tests.support.pictures import add_document, add_image

MEANWHILE: list[Callable[[], object]] = []


def _slow(request: HttpRequest) -> HttpResponse:
    """Use something, stop while the test does what it wants, and end."""
    recording.uses("page:site_alpha:7")
    recording.uses("members:site_alpha:dtyw", datetime(2024, 1, 1, tzinfo=UTC))
    recording.storable()
    for act in MEANWHILE:
        act()
    return HttpResponse("<p>所见</p>")


urlpatterns = [route("slow/", _slow), route("", include("cluster.urls.site"))]


@pytest.fixture
def meanwhile(settings: Settings) -> list[Callable[[], object]]:
    """Return the list of what happens while /slow/ renders."""
    settings.ROOT_URLCONF = __name__
    MEANWHILE.clear()
    return MEANWHILE


# ---- a render and a change at the same time


@pytest.mark.parametrize(
    ("touch", "is_kept"),
    [
        (Touch("page:site_alpha:7"), False),
        (Touch("page:site_alpha:7", gone=True), False),
        (Touch(keys.record("site_alpha")), False),
        (Touch(keys.ALL), False),
        (Touch("members:site_alpha:dtyw", datetime(2025, 1, 1, tzinfo=UTC)), False),
        (Touch("members:site_alpha:dtyw", datetime(2023, 1, 1, tzinfo=UTC)), True),
        (Touch("page:site_alpha:8", gone=True), True),
        (Touch("page:site_beta:7", gone=True), True),
        (Touch(keys.record("site_beta"), gone=True), True),
    ],
    ids=str,
)
def test_a_render_that_a_change_overtook_is_refused(
    edge: Front, alpha: Subsite, meanwhile: list[Callable[[], object]], touch: Touch, is_kept: bool
) -> None:
    meanwhile.append(lambda: edge.store.touch([touch]))
    assert edge.get(alpha, "/slow/").status == 200
    assert edge.paths(alpha) == ({"/slow/"} if is_kept else set())
    meanwhile.clear()
    edge.get(alpha, "/slow/")
    assert edge.paths(alpha) == {"/slow/"}


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_purge_refuses_what_is_being_rendered(
    edge: Front, alpha: Subsite, meanwhile: list[Callable[[], object]], is_whole: bool
) -> None:
    meanwhile.append(lambda: edge.store.purge(site=None if is_whole else alpha.schema_name))
    edge.get(alpha, "/slow/")
    assert edge.paths(alpha) == set()


@pytest.mark.parametrize(("path", "is_kept"), [("/slow/", False), ("/dtyw/", True)])
def test_a_purge_of_an_address_refuses_what_is_being_rendered_there(
    edge: Front, alpha: Subsite, beta: Subsite, meanwhile: list[Callable[[], object]], path: str, is_kept: bool
) -> None:
    meanwhile.append(lambda: edge.store.purge(host=alpha.primary_host, path=path))
    for site in (alpha, beta):
        edge.get(site, "/slow/")
    assert edge.paths(alpha) == ({"/slow/"} if is_kept else set())
    assert edge.paths(beta) == {"/slow/"}


def test_the_old_copy_stands_until_the_new_one_is_there(
    edge: Front, alpha: Subsite, meanwhile: list[Callable[[], object]]
) -> None:
    edge.get(alpha, "/slow/")
    edge.store.touch([Touch("page:site_alpha:7")])
    assert edge.get(alpha, "/slow/").from_store
    assert [entry.address.path for entry in edge.store.index.stale_entries()] == ["/slow/"]


def test_what_is_gone_is_off_the_disk_at_once(
    edge: Front, alpha: Subsite, meanwhile: list[Callable[[], object]]
) -> None:
    edge.get(alpha, "/slow/")
    folder = Path(edge.store.root, "current", alpha.primary_host, "n", "slow")
    assert len(list(folder.iterdir())) == 3
    edge.store.touch([Touch("page:site_alpha:7", gone=True)])
    assert list(folder.iterdir()) == []
    assert not edge.get(alpha, "/slow/").from_store


# ---- one renderer


def test_the_second_visitor_waits_for_the_first_and_gets_its_copy(
    edge: Front, alpha: Subsite, meanwhile: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    edge.get(alpha, "/slow/")
    (entry,) = edge.store.index.entries_of(alpha.schema_name)
    place = edge.store.files.path_of(entry)
    body, holds, comes, rendered = place.read_bytes(), Event(), Event(), []
    place.unlink()
    meanwhile.append(lambda: rendered.append(1))

    def first() -> None:
        with held(edge.store.root, page_lock(edge.store.root, alpha.primary_host, "/slow/", "", "n")):
            holds.set()
            comes.wait(10)
            edge.store.files.draft(place, body).place(int(time.time()))

    def glance(seconds: float) -> None:
        comes.set()
        other.join(10)

    other = Thread(target=first)
    other.start()
    holds.wait(10)
    monkeypatch.setattr("cluster.edge.locks.time.sleep", glance)
    answer = edge.get(alpha, "/slow/")
    assert (answer.body, answer.status, rendered) == (body, 200, [])


def test_who_waited_in_vain_renders_without_storing(
    edge: Front, alpha: Subsite, meanwhile: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "WAIT_SECONDS", 0.05)
    with held(edge.store.root, page_lock(edge.store.root, alpha.primary_host, "/slow/", "", "n")):
        assert "所见" in edge.get(alpha, "/slow/").text
        assert edge.paths(alpha) == set()
    edge.get(alpha, "/slow/")
    assert edge.paths(alpha) == {"/slow/"}


# ---- what pages use


def _used(edge: Front, site: Subsite, path: str) -> dict[str, float | None]:
    edge.get(site, path)
    (entry,) = edge.store.index.entries_at(site.primary_host, path.partition("?")[0])
    found = edge.store.index.connections.get().execute(
        "SELECT key, since FROM dependencies WHERE entry = ?", (entry.id,)
    )
    return dict(found.fetchall())


def test_an_item_is_tied_to_itself_and_to_no_other_item(edge: Front, alpha: Subsite) -> None:
    page, other = publish_article(alpha, "一"), publish_article(alpha, "二")
    used = _used(edge, alpha, address_of(alpha, page))
    schema = alpha.schema_name
    assert used.keys() == {keys.page(schema, page.pk), keys.columns(schema), keys.record(schema), keys.ALL}
    assert keys.line(schema, other.pk) not in used


def test_an_item_is_tied_to_its_files(edge: Front, alpha: Subsite) -> None:
    image, document = add_image(alpha), add_document(alpha)
    text = f'文</p><p><a linktype="document" id="{document.pk}">附件</a></p><p><a linktype="page" id="3">栏目</a>'
    page = publish_article(alpha, "一", text=text, lead_image=image, lead_image_alt="题图")
    address = address_of(alpha, page)
    used = _used(edge, alpha, address)
    schema = alpha.schema_name
    assert {keys.image(schema, image.pk), keys.document(schema, document.pk), keys.line(schema, 3)} <= used.keys()


def test_a_list_is_tied_to_its_lines_and_to_what_may_come(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    for number in range(21):
        publish_article(alpha, f"第{number}条")
    schema = alpha.schema_name
    members = keys.members(schema, "dtyw")
    listed, feed, home = (_used(edge, alpha, path) for path in ("/dtyw/", "/dtyw/rss/", "/"))
    assert sum(key.startswith("line:") for key in listed) == 20
    assert listed[members] is None, "totals and page numbers change with any item"
    assert feed[members] is None, "not full yet"
    assert home[members] is not None, "full: what is older than its last line changes nothing"
    assert not any(beta.schema_name in key for key in {*listed, *feed, *home})


def test_a_publication_reaches_the_lists_of_its_column_alone(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    page = publish_article(alpha, "一")
    paths = {"/", "/dtyw/", "/dtyw/rss/", "/tzgg/", "/sitemap/", address_of(alpha, page)}
    for path in paths:
        edge.get(alpha, path)
    edge.get(beta, "/dtyw/")
    touched = edge.store.touch([Touch(keys.members(alpha.schema_name, "dtyw"), datetime(2030, 1, 1, tzinfo=UTC))])
    assert {entry.address.path for entry in touched.replace} == {"/", "/dtyw/", "/dtyw/rss/"}
    assert {entry.site for entry in touched.replace} == {alpha.schema_name}


def test_a_withdrawal_takes_the_item_and_every_list_that_shows_it(edge: Front, alpha: Subsite) -> None:
    page = publish_article(alpha, "要撤回的")
    address, schema = address_of(alpha, page), alpha.schema_name
    for path in ("/", "/dtyw/", "/dtyw/rss/", "/tzgg/", address):
        edge.get(alpha, path)
    edge.store.touch([Touch(keys.page(schema, page.pk), gone=True), Touch(keys.line(schema, page.pk), gone=True)])
    stored = [
        path.read_text() for path in edge.store.files.walk([edge.store.generation]) if path.suffix in {".html", ".rss"}
    ]
    assert len(stored) == 1
    assert not any("要撤回的" in text for text in stored)


def test_the_site_above_is_named_as_it_is_now(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    used = _used(edge, alpha, "/tzgg/")
    assert keys.named(beta.schema_name) in used
    assert keys.record(beta.schema_name) not in used
    Subsite.objects.filter(pk=beta.pk).update(name="新名市人民政府")
    edge.store.purge()
    assert "新名市人民政府" in edge.get(alpha, "/tzgg/").text


def test_a_list_says_until_when_its_short_dates_hold(edge: Front, alpha: Subsite) -> None:
    publish_article(alpha, "今年的")
    edge.get(alpha, "/")
    (entry,) = edge.store.index.entries_of(alpha.schema_name)
    new_year = datetime.fromtimestamp(entry.holds_until or 0, UTC)
    assert (new_year.month, new_year.day, new_year.hour) == (12, 31, 16), "midnight in Shanghai"
    with time_machine.travel(new_year):
        assert edge.store.index.due() == [entry]


def test_the_page_of_a_document_holds_until_its_validity_turns(edge: Front, living: tuple[Subsite, Subsite]) -> None:
    """At the midnight after its last day; a document that nothing ends holds."""
    alpha, beta = living
    with time_machine.travel(datetime(2026, 11, 24, 4, tzinfo=UTC), tick=False):
        for site, ends in ((alpha, date(2026, 11, 25)), (beta, None)):
            edge.get(site, address_of(site, publish_document(site, "办法", expiry_date=ends)))
        entries = [edge.store.index.entries_of(site.schema_name)[-1] for site in (alpha, beta)]
        assert edge.store.index.due() == []
    turns = datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert [entry.holds_until for entry in entries] == [turns.timestamp(), None]
    with time_machine.travel(turns):
        assert edge.store.index.due() == [entries[0]]
        assert "失效" in edge.get(alpha, entries[0].address.path, HTTP_COOKIE="qz_view=elder").text


# ---- disk and generations


def test_disk_and_index_are_brought_together(edge: Front, alpha: Subsite) -> None:
    for path in ("/", "/dtyw/", "/tzgg/"):
        edge.get(alpha, path)
    folder = Path(edge.store.root, "current", alpha.primary_host, "n")
    (folder / "stray").mkdir()
    (folder / "stray" / "index.html").write_text("没有登记的")
    (folder / "dtyw" / "index.html.br").unlink()
    assert edge.store.check_disk() == (1, 1)
    assert edge.paths(alpha) == {"/", "/tzgg/"}
    assert not (folder / "stray" / "index.html").exists()
    assert edge.store.check_disk() == (0, 0)
