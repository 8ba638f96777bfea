"""The agent of a server: registered, told, replacing copies; two servers hear the same; a silent one starts over."""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.edge import feed, health, reach, replacing, servers
from cluster.edge.agent import EdgeAgent
from cluster.edge.entries import Address
from cluster.edge.locks import held, page_lock
from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.edge.store import Store
from cluster.subsites.models import Domain, Subsite
from cluster.subsites.services import add_domain
from cluster.worker.loop import UnknownTask, load_tasks
from sites.columns.models import HomePage
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import column_of, page_in, publish_article
from tests.support.columns import own_column
from tests.support.edge import EdgeBox
from tests.support.pictures import add_image, png


class TestReplacing:
    def test_a_new_item_appears_where_it_belongs_without_a_visitor(self, stored: Stored) -> None:
        untouched = [stored.east.text(stored.beta, path) for path in ("/", "/dtyw/")]
        publish_article(stored.alpha, "新发布的消息")
        stored.east.catch_up()
        for path in ("/", "/dtyw/", "/dtyw/rss/"):
            assert "新发布的消息" in (stored.east.text(stored.alpha, path) or ""), path
        assert [stored.east.text(stored.beta, path) for path in ("/", "/dtyw/")] == untouched
        assert EdgeEvent.objects.filter(server="east").count() == 0

    def test_what_does_not_show_it_stays_as_it_is(self, stored: Stored) -> None:
        with stored.east.here() as store:
            before = {entry.id for entry in store.index.entries_of()}
            publish_article(stored.alpha, "通知一则", column="tzgg")
            stored.east.catch_up()
            changed = {entry.id for entry in store.index.entries_of()} - before
            paths = {entry.address.path for entry in store.index.entries_of() if entry.id in changed}
        assert stored.path not in paths
        assert "/dtyw/" not in paths

    def test_a_withdrawn_item_leaves_the_lists_that_are_made_again(self, stored: Stored) -> None:
        with stored.east.here(), in_site(stored.alpha):
            page_in(stored.alpha, stored.ours).unpublish()
        assert stored.east.text(stored.alpha, "/") is None
        stored.east.catch_up()
        assert "甲县的春耕安排" not in (stored.east.text(stored.alpha, "/") or "甲县的春耕安排")
        assert stored.east.text(stored.alpha, stored.path) is None

    def test_a_replaced_picture_leaves_no_hole_where_the_home_page_was(self, stored: Stored) -> None:
        image = add_image(stored.alpha)
        publish_article(stored.alpha, "带图头条", lead_image=image, lead_image_alt="图")
        stored.east.catch_up()
        untouched = stored.east.text(stored.beta, "/")
        with stored.east.here(), in_site(stored.alpha), transaction.atomic():
            image.file = ContentFile(png("blue"), name="b.png")
            image.save()
        assert stored.east.text(stored.alpha, "/") is None, "no copy shows the old picture"
        stored.east.catch_up()
        assert "带图头条" in (stored.east.text(stored.alpha, "/") or "")
        assert stored.east.text(stored.beta, "/") == untouched
        assert stored.east.wrong_pages() == []

    def test_the_second_page_of_a_list_is_dropped_and_made_on_demand(self, stored: Stored) -> None:
        for number in range(20):
            publish_article(stored.alpha, f"第{number}条")
        stored.east.catch_up()
        stored.east.visit(stored.alpha, "/dtyw/?page=2")
        assert "甲县的春耕安排" in (stored.east.text(stored.alpha, "/dtyw/", "page=2") or "")
        publish_article(stored.alpha, "又一条")
        stored.east.catch_up()
        assert stored.east.text(stored.alpha, "/dtyw/", "page=2") is None

    def test_items_in_another_order_leave_the_site_map_as_it_is(self, stored: Stored) -> None:
        other = publish_article(stored.alpha, "另一条")
        stored.east.catch_up()
        stored.east.visit(stored.alpha, "/sitemap.xml")
        before = stored.east.text(stored.alpha, "/sitemap.xml")
        with stored.east.here(), in_site(stored.alpha):
            page_in(stored.alpha, other).move(page_in(stored.alpha, stored.ours), pos="left")
        stored.east.catch_up()
        stored.east.visit(stored.alpha, "/sitemap.xml")
        assert stored.east.text(stored.alpha, "/sitemap.xml") == before
        assert stored.east.wrong_pages() == []
        with stored.east.here(), in_site(stored.alpha):
            page_in(stored.alpha, other).move(column_of("tzgg"), pos="last-child")
        stored.east.catch_up()
        stored.east.visit(stored.alpha, "/sitemap.xml")
        assert f"/tzgg/{other.slug}/" in (stored.east.text(stored.alpha, "/sitemap.xml") or ""), (
            "another column is told"
        )
        assert stored.east.wrong_pages() == []

    @pytest.fixture
    def below(self, stored: Stored) -> Iterator[None]:
        """Put alpha below beta."""
        Subsite.objects.filter(pk=stored.alpha.pk).update(parent=stored.beta)
        yield
        Subsite.objects.filter(pk=stored.alpha.pk).update(parent=None)

    @pytest.mark.usefixtures("below")
    def test_news_of_a_lower_site_reaches_the_column_of_the_upper_one(self, stored: Stored) -> None:
        column = own_column(stored.beta, "hjxx", "汇集县区", fed_by="county")
        stored.east.catch_up()
        with in_site(stored.beta):
            path = str(column.get_url())
        stored.east.visit(stored.beta, path)
        assert "新发布的消息" not in (stored.east.text(stored.beta, path) or "新发布的消息")
        page = publish_article(stored.alpha, "新发布的消息")
        stored.east.catch_up()
        assert "新发布的消息" in (stored.east.text(stored.beta, path) or "")
        with stored.east.here(), in_site(stored.alpha):
            page_in(stored.alpha, page).unpublish()
        assert stored.east.text(stored.beta, path) is None, "taken off in the upper site, too"

    @pytest.mark.usefixtures("below")
    def test_an_older_item_told_of_in_the_same_breath_hides_no_news_from_the_upper_home(self, stored: Stored) -> None:
        """A panel of the newest is reached by what is newer than its last line, whatever else is heard with it."""
        own_column(stored.beta, "hjxx", "汇集县区", fed_by="county")
        news = {"column": "hjxx", "limit": 2, "heading": "", "layout": "dated", "width": "full"}
        with opened(stored.beta), in_site(stored.beta):
            blocks = list(HomePage.objects.get().blocks.raw_data)
            HomePage.objects.update(blocks=json.dumps([{"type": "column_list", "value": news}]))
        try:
            for day in (1, 2):
                publish_article(stored.alpha, f"旧闻{day}", published_at=datetime(2026, 6, day, tzinfo=UTC))
            stored.east.catch_up()
            stored.east.visit(stored.beta, "/")
            assert "旧闻2" in (stored.east.text(stored.beta, "/") or "")
            publish_article(stored.alpha, "今天的头条", published_at=datetime(2026, 11, 20, tzinfo=UTC))
            publish_article(stored.alpha, "补录的老消息", published_at=datetime(2019, 1, 1, tzinfo=UTC))
            stored.east.catch_up()
            assert "今天的头条" in (stored.east.text(stored.beta, "/") or "")
            assert "补录的老消息" not in (stored.east.text(stored.beta, "/") or "补录的老消息")
        finally:
            with opened(stored.beta), in_site(stored.beta):
                HomePage.objects.update(blocks=json.dumps(blocks))

    @pytest.mark.usefixtures("below")
    def test_what_the_site_above_says_of_itself_elsewhere_leaves_the_sites_below_alone(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored.east.catch_up()
        stored.visit_all()
        monkeypatch.setattr(reach, "REPLACED_AT_MOST", 3)
        try:
            for field, value, reached in (("phone", "0451-1", False), ("name", "新名市人民政府", True)):
                with stored.east.here() as store:
                    before = {entry.id for entry in store.index.entries_of(stored.alpha.schema_name)}
                    assert len(before) > 3
                    Subsite.objects.filter(pk=stored.beta.pk).update(**{field: value})
                    feed.hear("east", store.touch)
                    standing = {e.id for e in store.index.entries_of(stored.alpha.schema_name) if store.index.holds(e)}
                assert (standing != before) == reached, field
            stored.east.catch_up()
            assert stored.east.wrong_pages() == []
        finally:
            Subsite.objects.filter(pk=stored.beta.pk).update(phone=stored.beta.phone, name=stored.beta.name)

    def test_a_copy_whose_time_is_over_is_made_again(self, stored: Stored) -> None:
        with stored.east.here() as store:
            entry = store.index.entries_at(stored.alpha.primary_host, stored.path)[0]
            with store.index.connections.writing() as connection:
                connection.execute("UPDATE entries SET holds_until = ? WHERE id = ?", (time.time() - 1, entry.id))
            stored.east.catch_up()
            [again] = store.index.entries_at(stored.alpha.primary_host, stored.path)
        assert again.id != entry.id
        assert again.holds_until is None or again.holds_until > time.time()

    def test_one_bad_page_holds_up_nobody_and_is_given_up(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        render = replacing.render

        def fail_for_ours(address: object) -> object:
            if getattr(address, "path", "") == stored.path:
                raise ValueError("poison")
            return render(address)

        monkeypatch.setattr(replacing, "render", fail_for_ours)
        monkeypatch.setattr(replacing, "FIRST_WAIT_SECONDS", 0.001)
        with stored.east.here(), in_site(stored.alpha):
            page = page_in(stored.alpha, stored.ours)
            page.title = "改过的标题"
            page.save_revision().publish()
        for _ in range(8):
            stored.east.catch_up()
            time.sleep(0.1)
        assert "改过的标题" in (stored.east.text(stored.alpha, "/dtyw/") or "")
        assert stored.east.text(stored.alpha, stored.path) is None

    def test_a_page_that_a_visitor_renders_holds_up_neither_others_nor_withdrawals(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Whoever waits for the lock would fail at it.
        monkeypatch.setattr("cluster.edge.locks._GLANCE_SECONDS", -1.0)
        # The same in every run: no two of these pages share a lock.
        (stored.east.root / "locks" / "key").write_bytes(b"k" * 32)
        lock = page_lock(stored.east.root, stored.alpha.primary_host, "/", "", "n")
        with held(stored.east.root, lock):
            publish_article(stored.alpha, "新的一条")
            stored.east.catch_up()
            assert "新的一条" in (stored.east.text(stored.alpha, "/dtyw/") or "")
            assert "新的一条" not in (stored.east.text(stored.alpha, "/") or "新的一条"), "the old copy stands"
            with in_site(stored.beta):
                page_in(stored.beta, stored.theirs).unpublish()
            stored.east.catch_up()
            assert stored.east.pages_with("乙市的春耕安排") == []
            assert not EdgeEvent.objects.filter(server="east").exists(), "heard, and so confirmed"
            assert {failure.attempts for failure in stored.east.agent.replacer.failures.values()} == {0}
        for failure in stored.east.agent.replacer.failures.values():
            failure.not_before = 0.0
        stored.east.catch_up()
        assert "新的一条" in (stored.east.text(stored.alpha, "/") or "")

    def test_front_pages_stay_while_the_application_fails_and_the_console_says_so(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(replacing, "FIRST_WAIT_SECONDS", 0.001)
        untouched = stored.east.text(stored.beta, "/")
        with monkeypatch.context() as patch:
            patch.setattr(replacing, "render", lambda address: HttpResponse(status=503))
            publish_article(stored.alpha, "新的一条")
            for _ in range(12):
                stored.east.catch_up()
                time.sleep(0.1)
            for path in ("/", "/dtyw/"):
                assert "甲县的春耕安排" in (stored.east.text(stored.alpha, path) or ""), path
            assert stored.east.text(stored.alpha, "/dtyw/rss/") is None, "what no citizen begins with is given up"
            stored.east.agent.reported_at = float("-inf")
            stored.east.catch_up()
            error = EdgeServer.objects.get(pk="east").error
            assert "换不了新" in error
            assert f"{stored.alpha.primary_host}/" in error
            assert "HTTP 503" in error
        with stored.east.here():
            for failure in stored.east.agent.replacer.failures.values():
                failure.not_before = 0.0
        stored.east.catch_up()
        stored.east.agent.reported_at = float("-inf")
        stored.east.catch_up()
        assert "新的一条" in (stored.east.text(stored.alpha, "/") or "")
        assert stored.east.text(stored.beta, "/") == untouched
        assert EdgeServer.objects.get(pk="east").error == ""

    def test_front_pages_that_are_gone_go_also_while_the_application_fails(
        self, stored: Stored, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What stays is old, never withdrawn."""
        monkeypatch.setattr(replacing, "render", lambda address: HttpResponse(status=503))
        with stored.east.here(), in_site(stored.alpha):
            page_in(stored.alpha, stored.ours).unpublish()
        stored.east.catch_up()
        assert stored.east.pages_with("甲县的春耕安排") == []


class TestTwoServers:
    @pytest.fixture
    def west(self, stored: Stored, tmp_path: Path) -> EdgeBox:
        box = EdgeBox("west", tmp_path / "west")
        box.catch_up()
        for path in ("/", "/dtyw/", stored.path):
            box.visit(stored.alpha, path)
            assert box.text(stored.alpha, path) is not None
        return box

    def test_both_hear_of_a_publication(self, stored: Stored, west: EdgeBox) -> None:
        publish_article(stored.alpha, "新发布的消息")
        stored.east.catch_up()
        assert "新发布的消息" not in (west.text(stored.alpha, "/") or "")
        west.catch_up()
        for box in (stored.east, west):
            assert "新发布的消息" in (box.text(stored.alpha, "/") or "")

    def test_the_other_server_confirms_a_withdrawal(self, stored: Stored, west: EdgeBox) -> None:
        with stored.east.here(), in_site(stored.alpha):
            page_in(stored.alpha, stored.ours).unpublish()
        assert stored.east.pages_with("甲县的春耕安排") == []
        assert west.pages_with("甲县的春耕安排") != []
        assert EdgeEvent.objects.filter(server="west", gone=True).exists()
        west.catch_up()
        assert west.pages_with("甲县的春耕安排") == []
        assert not EdgeEvent.objects.filter(server="west").exists()

    def test_a_page_of_the_other_server_is_refused_what_came_before_it_was_heard(
        self, stored: Stored, west: EdgeBox
    ) -> None:
        """West rendered after the change and hears of it later: its copy is replaced once more, never older."""
        with stored.east.here(), in_site(stored.alpha):
            page = page_in(stored.alpha, stored.ours)
            page.title = "改过的标题"
            page.save_revision().publish()
        with west.here() as store:
            store.purge()
        west.visit(stored.alpha, stored.path)
        west.catch_up()
        assert "改过的标题" in (west.text(stored.alpha, stored.path) or "")


class TestRegistration:
    def test_a_server_stores_nothing_until_it_is_told_of_changes(
        self, living: tuple[Subsite, Subsite], tmp_path: Path
    ) -> None:
        """The site runs and its worker does not: nobody would ever take away what is stored now."""
        alpha, _ = living
        page = publish_article(alpha, "登记之前")
        box = EdgeBox("south", tmp_path / "south")
        path = f"/dtyw/{page.slug}/"
        assert box.visit(alpha, path).status_code == 200
        assert box.text(alpha, path) is None
        box.catch_up()
        assert EdgeServer.objects.get(pk="south").ready_at is not None
        box.visit(alpha, path)
        assert "登记之前" in (box.text(alpha, path) or "")

    def test_a_restarted_server_keeps_its_pages(self, stored: Stored) -> None:
        stored.east.agent = EdgeAgent()
        stored.east.catch_up()
        assert stored.east.text(stored.alpha, stored.path) is not None

    def test_a_server_dropped_for_silence_starts_over(self, stored: Stored) -> None:
        EdgeServer.objects.create(name="west")
        EdgeServer.objects.filter(pk="east").update(heartbeat_at=timezone.now() - timedelta(hours=2))
        publish_article(stored.alpha, "没有听到的消息")
        assert EdgeEvent.objects.filter(server="east").exists()
        assert servers.drop_silent_servers() == ["east"]
        assert servers.drop_silent_servers() == [], "once"
        assert [one.name for one in health.servers() if one.is_dropped] == ["east"], "the console goes on to warn"
        assert not EdgeEvent.objects.filter(server="east").exists()
        assert EdgeEvent.objects.filter(server="west").exists(), "the living one is told on"
        publish_article(stored.alpha, "也没有听到")
        assert "没有听到的消息" not in (stored.east.text(stored.alpha, "/") or "")
        stored.east.agent.reported_at = float("-inf")
        stored.east.catch_up()
        assert stored.east.text(stored.alpha, "/dtyw/") is None, "what was missed cannot be known: everything goes"
        assert "也没有听到" in (stored.east.text(stored.alpha, "/") or "")
        assert [one.name for one in health.servers() if one.is_dropped] == []

    def test_who_is_killed_while_registering_begins_again(self, stored: Stored) -> None:
        EdgeServer.objects.filter(pk="east").update(ready_at=None)
        stored.east.agent = EdgeAgent()
        stored.east.catch_up()
        assert stored.east.text(stored.alpha, stored.path) is None
        assert EdgeServer.objects.get(pk="east").ready_at is not None

    def test_home_and_the_words_for_a_breakdown_are_made_without_a_visitor(
        self, living: tuple[Subsite, Subsite], tmp_path: Path
    ) -> None:
        box = EdgeBox("south", tmp_path / "south")
        box.catch_up()
        for site in living:
            assert box.text(site, "/") is not None
            assert box.text(site, "/down/") is not None
            assert box.text(site, "/dtyw/") is None

    @pytest.fixture
    def further(self, living: tuple[Subsite, Subsite]) -> Iterator[str]:
        """Give alpha a further domain."""
        yield add_domain(living[0], "jia-xian.localhost").domain
        Domain.objects.filter(domain="jia-xian.localhost").delete()

    def test_they_are_made_at_every_host_of_a_site(
        self, living: tuple[Subsite, Subsite], further: str, tmp_path: Path
    ) -> None:
        alpha, beta = living
        box = EdgeBox("south", tmp_path / "south")
        box.catch_up()
        with box.here() as store:
            made = {(entry.address.host, entry.address.path) for entry in store.index.entries_of(alpha.schema_name)}
            theirs = {entry.address.host for entry in store.index.entries_of(beta.schema_name)}
            found = store.find(Address(further, "/down/", "", "n"))
        assert made == {(host, path) for host in (alpha.primary_host, further) for path in ("/", "/down/")}
        assert theirs == {beta.primary_host}
        text = found.path.read_text() if found else ""
        assert alpha.name in text
        assert beta.name not in text

    def test_the_heartbeat_says_how_the_store_stands(self, stored: Stored) -> None:
        stored.east.agent.reported_at = float("-inf")
        stored.east.catch_up()
        server = EdgeServer.objects.get(pk="east")
        assert server.pages >= 8
        assert server.stored_bytes > 10_000
        assert len(server.generation) == 16
        assert server.error == ""

    def test_a_folder_that_somebody_emptied_fills_again(self, stored: Stored) -> None:
        """While web process and worker run: neither goes on with files and an index that nobody can see."""
        shutil.rmtree(stored.east.root)
        for _ in range(2):
            stored.east.agent.reported_at = float("-inf")
            stored.east.catch_up()
        stored.visit_all()
        assert EdgeServer.objects.get(pk="east").error == ""
        with stored.east.here(), in_site(stored.alpha):
            page_in(stored.alpha, stored.ours).unpublish()
        assert stored.east.pages_with("甲县的春耕安排") == []
        assert stored.east.text(stored.beta, f"/dtyw/{stored.theirs.slug}/") is not None
        stored.east.catch_up()
        assert stored.east.wrong_pages() == []

    def test_an_old_program_leaves_the_events_to_the_new_one(self, stored: Stored) -> None:
        """The site was restarted with new code and the worker was not: what it applied, the new copies would never hear."""
        with stored.east.here() as store:
            Store(store.root, "f" * 16)
        publish_article(stored.alpha, "升级之后的消息")
        stored.east.agent.reported_at = float("-inf")
        stored.east.catch_up()
        assert EdgeEvent.objects.filter(server="east").exists()
        assert "请重启后台任务" in EdgeServer.objects.get(pk="east").error

    def test_what_a_foreign_commit_left_for_nobody_is_cleared(self, stored: Stored) -> None:
        with in_site(stored.alpha):
            type(stored.ours).objects.filter(pk=stored.ours.pk).update(live=False)
        assert EdgeEvent.objects.filter(server="").exists()
        servers.drop_silent_servers()
        assert EdgeEvent.objects.filter(server="").exists(), "its committer may still be at work"
        EdgeEvent.objects.update(created_at=timezone.now() - timedelta(hours=1))
        servers.drop_silent_servers()
        assert not EdgeEvent.objects.filter(server="").exists()


class TestTheWorkersChoice:
    def test_only_the_edge(self) -> None:
        assert [task.name for task in load_tasks(["edge"])] == ["edge"]
        assert len(load_tasks()) > 5

    def test_an_unknown_task_is_named_with_those_that_exist(self) -> None:
        with pytest.raises(UnknownTask, match=r"没有名为“egde”的后台任务；可以选：.*edge"):
            load_tasks(["egde"])

    def test_switched_off_it_does_nothing(self, living: tuple[Subsite, Subsite]) -> None:
        assert EdgeAgent().run() is False
        assert not EdgeServer.objects.exists()
