"""Who acts, and why: only a reason that a person gave overrides a warning, and where nobody is named nothing is published."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import transaction

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import Subsite
from sites.common.gate.errors import GateRefused
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from sites.content.services import ArticleRefused
from tests.sites.common.gate.conftest import GOOD, WARNING
from tests.sites.common.gate.roads import ROADS, Road, draft, in_tzgg_and_live, publish
from tests.support.articles import page_in
from tests.support.violations import twinned

WARNED: dict[str, Any] = {**GOOD, "keywords": ""}


class Publishing(ClusterCommand):
    """A command of the cluster that publishes an item which breaks a warning."""

    def work(self, **options: Any) -> None:
        publish(Subsite.objects.get(code="alpha"), WARNED)


def test_a_command_without_a_reason_overrides_no_warning_and_its_twin_does(ruled_pair: tuple[Subsite, Subsite]) -> None:
    alpha, _ = ruled_pair
    for blank in ({}, {"actor": "张三", "reason": "  "}):
        with pytest.raises(GateRefused, match="须说明理由"):
            call_command(Publishing(), **blank)
    assert in_tzgg_and_live(alpha) == []
    call_command(Publishing(), actor="张三", reason="领导批示")
    assert in_tzgg_and_live(alpha) == ["供暖通知"]
    with in_site(alpha):
        page = ArticlePage.objects.get(live=True, title="供暖通知")
        assert GatePass.objects.get(page_id=page.pk).reason == "领导批示"


def test_what_a_command_does_without_a_reason_stands_in_the_ledger_under_its_name(
    ruled_pair: tuple[Subsite, Subsite],
) -> None:
    alpha, _ = ruled_pair
    with acting_as(name="命令行用户 甲", occasion="命令 publish"):
        publish(alpha, GOOD)
    line = LedgerEntry.objects.filter(action="publish", site_code="alpha").latest("id")
    assert (line.actor["name"], line.reason) == ("命令行用户 甲", "命令 publish")


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
def test_the_occasion_of_a_program_overrides_no_warning(ruled_pair: tuple[Subsite, Subsite], road: Road) -> None:
    alpha, _ = ruled_pair
    with acting_as(name="后台任务", occasion="应用栏目模板"), pytest.raises((GateRefused, ArticleRefused)) as refused:
        road(alpha, WARNED)
    assert WARNING.id in str(refused.value)
    assert in_tzgg_and_live(alpha) == []


class TestNobody:
    """A shell, a script: what does not say who acts and why publishes nothing. The settings of the product hold here."""

    @pytest.fixture(autouse=True)
    def as_in_the_product(self, settings: LazySettings) -> None:
        settings.UNNAMED_MAY_PUBLISH = False

    @pytest.mark.parametrize("road", ["publish: a revision", "save(): as a live page", "add_child: of a live page"])
    @twinned("save(): in a shell, without a name and a reason")
    def test_a_shell_without_name_and_reason_publishes_nothing(
        self, ruled_pair: tuple[Subsite, Subsite], road: str
    ) -> None:
        alpha, _ = ruled_pair
        with pytest.raises(GateRefused, match=r"没有说明由谁、因为什么发布.*acting_as"):
            ROADS[road](alpha, GOOD)
        for half in ({"name": "张三"}, {"name": " ", "reason": "更正电话"}):
            with acting_as(**half), pytest.raises(GateRefused, match="acting_as"):
                ROADS[road](alpha, GOOD)
        assert in_tzgg_and_live(alpha) == []
        with acting_as(name="张三", reason="更正电话"):
            page_id = ROADS[road](alpha, GOOD)
        assert in_tzgg_and_live(alpha) == ["供暖通知"]
        with in_site(alpha):
            assert GatePass.objects.filter(page_id=page_id).latest("id").actor["name"] == "张三"
        line = LedgerEntry.objects.filter(action="publish", site_code="alpha").latest("id")
        assert (line.actor["name"], line.reason) == ("张三", "更正电话")

    def test_a_live_page_stays_as_it_was_and_a_draft_may_be_saved(
        self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage
    ) -> None:
        alpha, _ = ruled_pair
        with in_site(alpha), pytest.raises(GateRefused, match="acting_as"), transaction.atomic():
            ours.summary = "别的摘要"
            ours.save()
        assert page_in(alpha, ours).summary == GOOD["summary"]
        assert not draft(alpha, GOOD).live

    def test_the_shell_has_at_hand_what_it_asks_for(self, capfd: pytest.CaptureFixture[str]) -> None:
        call_command("shell", command="print(acting_as.__module__, in_site.__module__)", verbosity=0)
        assert "cluster.audit.actor cluster.context" in capfd.readouterr().out
