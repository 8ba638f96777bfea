"""Row and store of a server know each other: a restored database, a store rolled back, and a second server of one name."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cluster.context import in_site
from cluster.edge import health, servers
from cluster.edge.agent import EdgeAgent
from cluster.edge.models import EdgeEvent, EdgeServer
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import page_in, publish_article
from tests.support.edge import EdgeBox
from tests.support.working import work_until_idle

OURS, THEIRS = "甲县的春耕安排", "乙市的春耕安排"
FIRST = "east（同名的前一台）"


def report(box: EdgeBox) -> None:
    """Let a second pass: the agent says that it lives."""
    box.agent.reported_at = float("-inf")
    box.catch_up()


@pytest.fixture
def later(stored: Stored) -> str:
    """Publish something behind the moment that a backup holds, have it stored, and put the backup back; return its path."""
    backup = EdgeServer.objects.values().get(pk="east")
    page = publish_article(stored.alpha, "备份之后发布的")
    for _ in range(3):
        report(stored.east)
    path = f"/dtyw/{page.slug}/"
    stored.east.visit(stored.alpha, path)
    assert stored.east.pages_with("备份之后发布的") != []
    with in_site(stored.alpha):
        page_in(stored.alpha, page).delete()  # to the restored database it had never been: nobody is told
    work_until_idle()
    EdgeEvent.objects.all().delete()
    EdgeServer.objects.filter(pk="east").update(**backup)
    return path


@pytest.mark.parametrize("restarted", [False, True])
def test_a_restored_database_leaves_no_page_of_the_future(stored: Stored, later: str, restarted: bool) -> None:
    if restarted:
        stored.east.agent = EdgeAgent()
    report(stored.east)
    assert stored.east.pages_with("备份之后发布的") == []
    assert stored.east.visit(stored.beta, "/dtyw/").status_code == 200
    assert THEIRS in (stored.east.text(stored.beta, "/dtyw/") or "")
    assert stored.east.wrong_pages() == []


def test_a_report_that_the_store_did_not_note_is_no_restored_database(stored: Stored) -> None:
    """The worker was killed between the row and the store."""
    row = EdgeServer.objects.get(pk="east")
    EdgeServer.objects.filter(pk="east").update(reports=row.reports + 1)
    stored.east.agent = EdgeAgent()
    report(stored.east)
    assert stored.east.text(stored.alpha, stored.path) is not None


def test_a_store_that_was_rolled_back_begins_anew(stored: Stored) -> None:
    with stored.east.here() as store:
        before = store.membership.read()
        for _ in range(5):
            report(stored.east)
        assert store.membership.read().reports > before.reports + 2
        store.membership.keep(before.reports)  # the folder as it was some seconds ago
    report(stored.east)
    assert stored.east.text(stored.alpha, stored.path) is None
    stored.east.visit(stored.alpha, stored.path)
    assert stored.east.text(stored.alpha, stored.path) is not None


def take_over(twin: EdgeBox) -> None:
    """Let the worker of east be dead for ten seconds, and another store ask for its name."""
    EdgeServer.objects.filter(pk="east").update(heartbeat_at=timezone.now() - timedelta(seconds=10))
    twin.catch_up()


def states() -> list[tuple[str, bool, bool]]:
    """Return name, whether dropped, whether replaced, as the console has it."""
    return [(one.name, one.is_dropped, one.is_replaced) for one in health.servers()]


class TestTwoOfOneName:
    @pytest.fixture
    def twin(self, stored: Stored, tmp_path: Path) -> EdgeBox:
        return EdgeBox("east", tmp_path / "twin")

    def test_the_second_stores_nothing_while_the_first_lives(self, stored: Stored, twin: EdgeBox) -> None:
        twin.catch_up()
        assert twin.visit(stored.alpha, stored.path).status_code == 200
        assert twin.pages_with(OURS) == []
        with twin.here(), in_site(stored.alpha):
            page_in(stored.alpha, stored.ours).unpublish()
        twin.catch_up()
        assert stored.east.pages_with(OURS) != []
        assert [(one.name, one.has_namesake, one.is_dropped) for one in health.servers()] == [("east", True, False)]
        stored.east.catch_up()
        assert stored.east.pages_with(OURS) == [], "its events were not taken from it"
        assert stored.east.pages_with(THEIRS) != []

    def test_another_folder_takes_over_from_one_that_is_silent(self, stored: Stored, twin: EdgeBox) -> None:
        take_over(twin)
        twin.visit(stored.alpha, stored.path)
        assert OURS in (twin.text(stored.alpha, stored.path) or "")
        assert states() == [("east", False, False), (FIRST, True, True)]
        assert stored.east.pages_with(OURS) != [], "which it still serves"
        report(stored.east)
        assert stored.east.pages_with(OURS) == [], "what it was not told of cannot be known"
        assert OURS in (twin.text(stored.alpha, stored.path) or "")
        assert states() == [("east", False, False)], "what is empty serves nothing old"
        assert health.servers()[0].has_namesake

    def test_the_first_is_told_again_under_a_name_of_its_own(self, stored: Stored, twin: EdgeBox) -> None:
        take_over(twin)
        assert [name for name, _, _ in states()] == ["east", FIRST]
        stored.east.name, stored.east.agent = "west", EdgeAgent()
        stored.east.catch_up()
        assert states() == [("east", False, False), ("west", False, False)]
        assert stored.east.text(stored.alpha, stored.path) is None, "it has begun anew"

    def test_one_that_was_dropped_for_silence_stays_in_sight_when_another_takes_its_name(
        self, stored: Stored, twin: EdgeBox
    ) -> None:
        EdgeServer.objects.filter(pk="east").update(heartbeat_at=timezone.now() - timedelta(hours=2))
        servers.drop_silent_servers()
        twin.catch_up()
        assert states() == [("east", False, False), (FIRST, True, True)]
        assert stored.east.pages_with(THEIRS) != []

    def test_a_restarted_or_emptied_server_is_no_namesake_of_itself(self, stored: Stored) -> None:
        EdgeServer.objects.filter(pk="east").update(heartbeat_at=timezone.now() - timedelta(seconds=10))
        stored.east.agent = EdgeAgent()
        report(stored.east)
        shutil.rmtree(stored.east.root)
        report(stored.east)
        assert states() == [("east", False, False)]
        assert not health.servers()[0].has_namesake
