"""edge_warm, edge_purge and edge_check: what they do, what they say, what they refuse."""

import gzip
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cluster.context import in_site
from cluster.edge import checking, feed, health, middleware, recording
from cluster.edge.entries import Address
from cluster.edge.management.commands import edge_check
from cluster.edge.models import EdgeEvent
from cluster.edge.store import Store
from cluster.subsites.models import Subsite
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import page_in, publish_article
from tests.support.edge import EdgeBox
from tests.support.working import work_until_idle


def run(box: EdgeBox, name: str, *arguments: str) -> str:
    """Run a command on a server and return what it said."""
    out = StringIO()
    with box.here():
        call_command(name, *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_warm_stores_home_columns_items_and_what_machines_read(living: tuple[Subsite, Subsite], east: EdgeBox) -> None:
    alpha, beta = living
    page = publish_article(alpha, "甲县的消息")
    east.catch_up()
    run(east, "edge_warm", "--site", "alpha")
    for path in ("/", "/dtyw/", "/dtyw/rss/", f"/dtyw/{page.slug}/", "/sitemap.xml", "/robots.txt"):
        assert east.text(alpha, path) is not None, path
    assert east.text(alpha, "/", variant="e") is None
    assert east.text(beta, "/dtyw/") is None, "the other site was not asked for"
    assert east.wrong_pages() == []


def test_warm_goes_on_where_it_was_interrupted(living: tuple[Subsite, Subsite], east: EdgeBox) -> None:
    alpha, _ = living
    run(east, "edge_warm", "--site", "alpha")
    with east.here() as store:
        before = {entry.id for entry in store.index.entries_of()}
        store.purge(host=alpha.primary_host, path="/dtyw/")
    run(east, "edge_warm", "--site", "alpha")
    with east.here() as store:
        now = {entry.id: entry.address.path for entry in store.index.entries_of()}
    assert {now[number] for number in now.keys() - before} == {"/dtyw/"}


def test_purge_of_a_site_reaches_the_other_servers(stored: Stored) -> None:
    west = EdgeBox("west", stored.east.root.parent / "west")
    west.catch_up()
    west.visit(stored.alpha, stored.path)
    west.visit(stored.beta, "/")
    said = run(stored.east, "edge_purge", "--site", "alpha")
    assert "清除了本机的" in said
    assert stored.east.text(stored.alpha, "/") is None
    assert stored.east.text(stored.beta, "/") is not None
    west.catch_up()
    assert west.text(stored.alpha, stored.path) is None
    assert west.text(stored.beta, "/") is not None


def test_purge_of_one_page_reaches_the_other_servers(stored: Stored) -> None:
    west = EdgeBox("west", stored.east.root.parent / "west")
    west.catch_up()
    for site in (stored.alpha, stored.beta):
        for path in ("/dtyw/", "/dtyw/rss/"):
            west.visit(site, path)
    said = run(stored.east, "edge_purge", "--site", "alpha", "--path", "/dtyw/")
    assert "清除了本机的 1 个页面" in said
    assert stored.east.text(stored.alpha, "/dtyw/") is None
    stored.east.catch_up()
    EdgeEvent.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    (late,) = health.open_withdrawals()
    assert (late.what, late.server) == (f"网址 {stored.alpha.primary_host}/dtyw/", "west")
    west.catch_up()
    assert west.text(stored.alpha, "/dtyw/") is None
    for box in (stored.east, west):
        assert box.text(stored.alpha, "/dtyw/rss/") is not None
        assert box.text(stored.beta, "/dtyw/") is not None


def test_purge_of_one_page_and_of_everything(stored: Stored) -> None:
    run(stored.east, "edge_purge", "--site", "alpha", "--path", "/dtyw/")
    assert stored.east.text(stored.alpha, "/dtyw/") is None
    assert stored.east.text(stored.alpha, "/") is not None
    run(stored.east, "edge_purge")
    assert stored.east.text(stored.alpha, "/") is None
    assert stored.east.text(stored.beta, "/") is None


def test_check_finds_nothing_where_all_is_well(stored: Stored) -> None:
    assert "全部相符" in run(stored.east, "edge_check", "--all")


def test_check_names_a_page_that_was_falsified(stored: Stored) -> None:
    with stored.east.here() as store:
        found = store.find(Address(stored.alpha.primary_host, stored.path, "", "n"))
        found.path.write_text(found.path.read_text().replace("甲县的春耕安排", "甲县的秋收安排"))
    out = StringIO()
    with stored.east.here(), pytest.raises(CommandError, match="1 个与现在的内容不符"):
        call_command("edge_check", "--all", stdout=out)
    assert stored.path in out.getvalue()
    assert "秋收" in out.getvalue()
    with stored.east.here():
        call_command("edge_check", "--all", "--site", "beta", stdout=out)


@pytest.mark.parametrize("packed", [gzip.compress("另一个页面".encode()), b"torn"], ids=["other words", "broken"])
def test_check_reads_the_packed_copies_that_browsers_get(stored: Stored, packed: bytes) -> None:
    with stored.east.here() as store:
        found = store.find(Address(stored.alpha.primary_host, stored.path, "", "n"))
        Path(f"{found.path}.gz").write_bytes(packed)
    with stored.east.here(), pytest.raises(CommandError, match="1 个与现在的内容不符"):
        call_command("edge_check", "--all", stdout=StringIO())
    with stored.east.here():
        call_command("edge_check", "--all", "--site", "beta", stdout=StringIO())


def test_check_names_the_dependency_that_was_forgotten(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(keys: object) -> None:
        """Record nothing: the fault that the check is there to find."""

    with stored.east.here() as store:
        store.purge()
    monkeypatch.setattr(recording, "uses_all", forgets)
    for path in ("/dtyw/", stored.path):
        stored.east.visit(stored.alpha, path)
    monkeypatch.undo()
    with stored.east.here(), in_site(stored.alpha):
        page = page_in(stored.alpha, stored.ours)
        page.title = "后来改的标题"
        page.save_revision().publish()
    stored.east.catch_up()
    out = StringIO()
    with stored.east.here(), pytest.raises(CommandError, match="不符"):
        call_command("edge_check", "--all", stdout=out)
    assert f"没有记下的依赖：line:site_alpha:{stored.ours.pk}" in out.getvalue()


def test_check_finds_what_is_not_public_any_more(stored: Stored) -> None:
    """Withdrawn by a process that knew nothing of the store, with no agent to hear of it."""
    with in_site(stored.alpha):
        page_in(stored.alpha, stored.ours).unpublish()
    EdgeEvent.objects.all().delete()
    out = StringIO()
    with stored.east.here(), pytest.raises(CommandError, match="不符"):
        call_command("edge_check", "--all", stdout=out)
    assert "页面已不存在或不再公开（HTTP 404）" in out.getvalue()


def _retitle(stored: Stored) -> None:
    """Publish another title in alpha; the agent hears of it and has not yet made a copy again."""
    with stored.east.here() as store, in_site(stored.alpha):
        page = page_in(stored.alpha, stored.ours)
        page.title = "后来改的标题"
        page.save_revision().publish()
        work_until_idle()
        feed.hear("east", store.touch)
        assert store.index.stale_entries()


def test_check_counts_copies_that_are_known_to_be_out_of_date(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are served; whoever should replace them has had the time."""
    monkeypatch.setattr(edge_check, "PATIENCE_SECONDS", 0.0)
    _retitle(stored)
    out = StringIO()
    with stored.east.here(), pytest.raises(CommandError, match="不符"):
        call_command("edge_check", "--all", stdout=out, stderr=out)
    assert "个页面等着换新" in out.getvalue()
    assert "存储知道它要换新" in out.getvalue()
    assert "全部相符" in run(stored.east, "edge_check", "--all", "--site", "beta")
    stored.east.catch_up()
    assert "全部相符" in run(stored.east, "edge_check", "--all")


def test_what_is_replaced_while_the_others_are_checked_is_no_difference(stored: Stored) -> None:
    _retitle(stored)
    with stored.east.here() as store:
        entries = checking.entries_to_check(store)
        at_once = [found for found in checking.differences(store, entries) if found]
        after = [found for found in checking.differences(store, entries, stored.east.catch_up) if found]
    assert {found.entry.site for found in at_once} == {stored.alpha.schema_name}
    assert all(found.is_known for found in at_once)
    assert after == []


def test_check_looks_at_sites_that_are_closed_to_the_public(stored: Stored) -> None:
    """Suspended behind the back of the store; their copies are there and served."""
    Subsite.objects.filter(pk=stored.alpha.pk).update(state="suspended")
    EdgeEvent.objects.all().delete()
    out = StringIO()
    for arguments in (("--all",), ("--all", "--site", "alpha")):
        with stored.east.here(), pytest.raises(CommandError, match="不符"):
            call_command("edge_check", *arguments, stdout=out)
    assert stored.beta.primary_host not in out.getvalue()
    assert out.getvalue().count(f"{stored.alpha.primary_host}/（n）：页面已不存在或不再公开") == 2
    assert "全部相符" in run(stored.east, "edge_check", "--all", "--site", "beta")


def test_check_looks_at_the_fall_back_for_what_may_not_be_shown(stored: Stored) -> None:
    with stored.east.here() as store:
        new = Store(store.root, "f" * 16)
        assert [found for found in checking.differences(new, checking.entries_to_check(new)) if found] == []
        with in_site(stored.alpha):
            type(stored.ours).objects.filter(pk=stored.ours.pk).update(live=False)
        found = [found for found in checking.differences(new, checking.entries_to_check(new)) if found]
        new.index.connections.close()
    assert [(one.entry.address.path, one.fault) for one in found] == [(stored.path, checking.Fault.GONE)]


def test_check_lists_files_that_no_withdrawal_would_find(stored: Stored) -> None:
    with stored.east.here() as store:
        stray = store.root / "current" / stored.alpha.primary_host / "n" / "zui" / "index.html"
        stray.parent.mkdir()
        stray.write_text("没有登记的")
        link = store.uploads.folder / stored.alpha.primary_host / "documents" / "1" / "a.pdf"
        link.parent.mkdir(parents=True)
        link.write_text("没有登记的")
        out = StringIO()
        with pytest.raises(CommandError, match="0 个与现在的内容不符，2 个文件没有登记"):
            call_command("edge_check", "--all", stdout=out)
        store.check_disk()
    assert f"{stored.alpha.primary_host}/n/zui/index.html：没有登记的文件" in out.getvalue()
    assert f"files/{stored.alpha.primary_host}/documents/1/a.pdf：没有登记的文件" in out.getvalue()
    assert "全部相符" in run(stored.east, "edge_check", "--all")


@pytest.mark.parametrize("name", ["edge_warm", "edge_check", "edge_purge"])
def test_an_unknown_site_is_named(east: EdgeBox, name: str) -> None:
    with east.here(), pytest.raises(CommandError, match="没有代码为“nowhere”的站点"):
        call_command(name, "--site", "nowhere")


def test_a_page_without_its_site_and_a_site_that_is_offline(stored: Stored) -> None:
    with stored.east.here(), pytest.raises(CommandError, match="请用 --site 写明站点"):
        call_command("edge_purge", "--path", "/dtyw/")
    Subsite.objects.filter(code="alpha").update(state="suspended")
    with stored.east.here(), pytest.raises(CommandError, match="只有正常运行的站点才存储页面"):
        call_command("edge_warm", "--site", "alpha")


def test_a_server_whose_worker_does_not_run_is_said_so(living: tuple[Subsite, Subsite], tmp_path: Path) -> None:
    with EdgeBox("south", tmp_path / "south").here(), pytest.raises(CommandError, match="请先启动后台任务"):
        call_command("edge_warm")


def test_everything_is_also_what_belongs_to_sites_that_are_unknown(stored: Stored) -> None:
    """As after the restore of a database from before a site was opened."""
    with stored.east.here() as store, store.index.connections.writing() as connection:
        ours = "(SELECT id FROM entries WHERE path = ?)"
        connection.execute(
            f"UPDATE dependencies SET key = 'record:site_gamma' WHERE key = 'record:site_alpha' AND entry IN {ours}",
            (stored.path,),
        )
        connection.execute(f"UPDATE entries SET site = 'site_gamma' WHERE id IN {ours}", (stored.path,))
    run(stored.east, "edge_purge", "--site", "alpha")
    assert stored.east.text(stored.alpha, stored.path) is not None
    run(stored.east, "edge_purge")
    assert stored.east.text(stored.alpha, stored.path) is None


def test_a_store_that_is_switched_off_is_said_so(living: tuple[Subsite, Subsite]) -> None:
    with pytest.raises(CommandError, match="页面存储已关闭"):
        call_command("edge_warm")


@pytest.mark.parametrize("name", ["edge_warm", "edge_check", "edge_purge"])
def test_a_program_of_another_version_touches_nothing(stored: Stored, name: str) -> None:
    with stored.east.here() as store:
        Store(store.root, "f" * 16)
        with pytest.raises(CommandError, match="与正在运行的网站不同"):
            call_command(name)
    assert (stored.east.root / "current").readlink().name == "f" * 16


def test_looking_stores_nothing(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("edge_check must not write")

    monkeypatch.setattr(middleware, "_write", refuse)
    assert stored.east.wrong_pages() == []
