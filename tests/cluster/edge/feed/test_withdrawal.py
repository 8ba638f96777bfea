"""Withdrawal beats everything: the process that withdraws takes the pages off the disk itself, the worker being dead."""

import logging
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.edge import database, files, middleware, withdrawal
from cluster.edge.models import EdgeEvent
from cluster.edge.store import Store
from cluster.subsites.services import add_domain, close_site, open_site, resume_site, suspend_site
from sites.common.scheduling import publish_scheduled
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import column_of, page_in, publish_article
from tests.support.people import make_user, sign_in
from tests.support.registry import is_published

OURS, THEIRS = "甲县的春耕安排", "乙市的春耕安排"


def unpublish(stored: Stored) -> None:
    page_in(stored.alpha, stored.ours).unpublish()


def delete(stored: Stored) -> None:
    page_in(stored.alpha, stored.ours).delete()


def restrict(stored: Stored) -> None:
    with opened(stored.alpha):
        PageViewRestriction.objects.create(page=column_of("dtyw"), restriction_type=PageViewRestriction.LOGIN)


def expire(stored: Stored) -> None:
    Page.objects.filter(pk=stored.ours.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    publish_scheduled.run()


def suspend(stored: Stored) -> None:
    suspend_site(stored.alpha, reason="检修")


def update_in_a_transaction(stored: Stored) -> None:
    with transaction.atomic():
        Page.objects.filter(pk=stored.ours.pk).update(live=False)


@pytest.mark.parametrize("deed", [unpublish, delete, restrict, expire, suspend, update_in_a_transaction])
def test_nothing_on_the_disk_shows_what_was_withdrawn(stored: Stored, deed: Callable[[Stored], None]) -> None:
    before = stored.east.pages_with(THEIRS)
    with stored.east.here(), in_site(stored.alpha):
        deed(stored)
    assert stored.east.pages_with(OURS) == []
    assert list(stored.east.root.rglob(f"{stored.ours.slug}/index*")) == [], "compressed siblings go along"
    assert stored.east.pages_with(THEIRS) == before, "the other site keeps its pages"


@pytest.mark.parametrize("path", ["/dtyw/", "/dtyw/rss/"])
def test_a_restricted_column_itself_goes(stored: Stored, path: str) -> None:
    with stored.east.here(), in_site(stored.alpha):
        restrict(stored)
    assert stored.east.text(stored.alpha, path) is None
    assert stored.east.text(stored.beta, path) is not None


@pytest.mark.parametrize("field", ["slug", "parent"])
def test_a_moved_page_does_not_answer_under_its_old_address(stored: Stored, field: str) -> None:
    with stored.east.here(), in_site(stored.alpha):
        page = page_in(stored.alpha, stored.ours)
        if field == "slug":
            page.slug = "xin-dizhi"
            page.save_revision().publish()
        else:
            page.move(column_of("tzgg"), pos="last-child")
    assert stored.east.text(stored.alpha, stored.path) is None
    assert stored.east.text(stored.alpha, "/") is not None, "lists are replaced, never dropped for that"


def test_an_edit_leaves_the_copies_in_place_until_they_are_replaced(stored: Stored) -> None:
    with stored.east.here(), in_site(stored.alpha):
        page = page_in(stored.alpha, stored.ours)
        page.title = "甲县的春耕安排（修订）"
        page.save_revision().publish()
    assert "（修订）" not in (stored.east.text(stored.alpha, stored.path) or "")
    stored.east.catch_up()
    for path in ("/", "/dtyw/", "/dtyw/rss/", stored.path):
        assert "（修订）" in (stored.east.text(stored.alpha, path) or ""), path


def test_the_admin_withdraws_in_its_own_request(stored: Stored, client_for: Callable[..., object]) -> None:
    client = sign_in(client_for(stored.alpha), make_user(stored.alpha))
    with stored.east.here():
        assert client.post(f"/admin/pages/{stored.ours.pk}/unpublish/").status_code == 302
    assert stored.east.pages_with(OURS) == []


def test_a_visitor_of_the_other_site_withdraws_nothing(stored: Stored, client_for: Callable[..., object]) -> None:
    stranger = sign_in(client_for(stored.beta), make_user(stored.beta))
    stranger.defaults["HTTP_HOST"] = stored.alpha.primary_host
    with stored.east.here():
        assert stranger.post(f"/admin/pages/{stored.ours.pk}/unpublish/").status_code == 302
    assert stored.east.text(stored.alpha, stored.path) is not None


def test_closing_a_site_and_taking_a_host_from_it(stored: Stored) -> None:
    gamma = open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230123")
    domain = add_domain(gamma, "bing.localhost")
    page = publish_article(gamma, "丙县的消息")
    stored.east.catch_up()

    def read() -> None:
        for host in (gamma.primary_host, domain.domain):
            gamma._primary_host = host
            stored.east.visit(gamma, f"/dtyw/{page.slug}/")
        del gamma._primary_host

    read()
    assert len(stored.east.pages_with("丙县的消息")) == 2
    with stored.east.here(), transaction.atomic():
        domain.delete()
    assert stored.east.pages_with("丙县的消息") == []
    read()
    assert len(stored.east.pages_with("丙县的消息")) == 1, "the host that is left"
    with stored.east.here():
        close_site(gamma, reason="整合")
    assert stored.east.pages_with("丙县的消息") == []
    assert stored.east.text(stored.alpha, stored.path) is not None


def test_suspended_pages_are_not_stored_again_until_the_site_is_back(stored: Stored) -> None:
    with stored.east.here():
        suspend_site(stored.alpha, reason="检修")
    stored.east.catch_up()
    assert stored.east.visit(stored.alpha, stored.path).status_code == 503
    assert stored.east.pages_with(OURS) == []
    with stored.east.here():
        resume_site(stored.alpha)
    stored.east.catch_up()
    assert stored.east.visit(stored.alpha, stored.path).status_code == 200
    assert stored.east.text(stored.alpha, stored.path) is not None


def test_a_page_rendered_before_the_withdrawal_is_refused_after_it(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The visitor still gets what was public when he asked; nobody after him."""
    with stored.east.here() as store:
        store.purge()
    write = middleware._write

    def withdraw_first(*args: object) -> None:
        monkeypatch.setattr(middleware, "_write", write)
        with in_site(stored.alpha):
            unpublish(stored)
        write(*args)

    monkeypatch.setattr(middleware, "_write", withdraw_first)
    assert OURS in stored.east.visit(stored.alpha, stored.path).content.decode()
    assert stored.east.pages_with(OURS) == []
    assert stored.east.visit(stored.alpha, stored.path).status_code == 404


def test_a_program_of_another_version_withdraws_from_what_is_served(stored: Stored) -> None:
    """A command with other settings, or the code of yesterday: it takes pages off and begins no generation of its own."""
    with stored.east.here() as store:
        Store(store.root, "f" * 16)
        with in_site(stored.alpha):
            unpublish(stored)
    assert stored.east.pages_with(OURS) == []
    assert stored.east.pages_with(THEIRS) != []
    assert (stored.east.root / "current").readlink().name == "f" * 16


def test_a_failed_withdrawal_shows_nothing_wrong(stored: Stored) -> None:
    def fail() -> None:
        with transaction.atomic(), in_site(stored.alpha):
            unpublish(stored)
            raise RuntimeError("after the withdrawal")

    with stored.east.here(), pytest.raises(RuntimeError):
        fail()
    assert OURS in stored.east.visit(stored.alpha, stored.path).content.decode()
    assert is_published(stored.alpha, stored.ours)


def test_a_store_that_cannot_be_written_refuses_no_withdrawal(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Store, "touch", full)
    with stored.east.here(), in_site(stored.alpha), caplog.at_level(logging.CRITICAL):
        unpublish(stored)
    assert not is_published(stored.alpha, stored.ours)
    assert "没有到达页面存储" in caplog.text
    assert EdgeEvent.objects.filter(server="east", gone=True).exists(), "open on the console until the agent succeeds"
    monkeypatch.undo()
    stored.east.catch_up()
    assert stored.east.pages_with(OURS) == []


def test_another_process_that_holds_the_index_delays_no_withdrawal(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    withdrawal._store_at.cache_clear()
    holder = sqlite3.connect(stored.east.root / "index.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with stored.east.here(), in_site(stored.alpha), caplog.at_level(logging.CRITICAL):
            unpublish(stored)
    finally:
        holder.close()
        withdrawal._store_at.cache_clear()
    assert stored.east.pages_with(OURS) == []
    assert stored.east.pages_with(THEIRS) != []
    assert "没有到达页面存储" in caplog.text, "a page rendered just then was not refused"
    stored.east.catch_up()
    assert (stored.east.pages_with(OURS), stored.east.wrong_pages()) == ([], [])


def test_many_folders_are_waited_for_by_one_change_behind_them(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_folders: list[Path] = []

    def fsync(handle: int) -> None:
        opened_folders.append(Path(f"/proc/self/fd/{handle}").readlink())

    monkeypatch.setattr(files, "_SYNCED_ONE_BY_ONE", 1)
    monkeypatch.setattr(files.os, "fsync", fsync)
    with stored.east.here(), in_site(stored.alpha):
        unpublish(stored)
    assert set(opened_folders) == {stored.east.root}
    assert stored.east.pages_with(OURS) == []
