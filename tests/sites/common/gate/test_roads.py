"""Every road to a live page leads through the gate: what breaks a refusal stays out, its twin that keeps the rules gets through.

The same road is walked with and without the summary that notices must carry; beta's notice must stay as it is (fixture
ruled_pair).
"""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.column_templates.models import Waiver
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.gate.errors import GateRefused
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from sites.content.services import ArticleRefused
from tests.sites.common.gate.conftest import GOOD, REFUSAL, WARNING
from tests.sites.common.gate.roads import BODY, ROADS, Road, draft, in_tzgg_and_live, publish
from tests.support.articles import column_of, page_in, publish_article
from tests.support.laws import GiveRules, demand
from tests.support.registry import is_published
from tests.support.violations import twinned


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
def test_an_item_that_breaks_a_refusal_does_not_get_through(ruled_pair: tuple[Subsite, Subsite], road: Road) -> None:
    alpha, _ = ruled_pair
    with pytest.raises((GateRefused, ArticleRefused)) as refused:
        road(alpha, {**GOOD, "summary": ""})
    # The editor reads the rule, its basis and what to do.
    for word in (REFUSAL.id, REFUSAL.basis, "请填写“摘要”", "供暖通知"):
        assert word in str(refused.value)
    assert in_tzgg_and_live(alpha) == []


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
def test_its_twin_gets_through_with_a_pass(ruled_pair: tuple[Subsite, Subsite], road: Road) -> None:
    alpha, _ = ruled_pair
    page_id = road(alpha, GOOD)
    assert in_tzgg_and_live(alpha) == ["供暖通知"]
    with in_site(alpha):
        page = Page.objects.get(pk=page_id)
        passed = GatePass.objects.filter(page_id=page_id, purpose="live").latest("id")
    assert (passed.revision_id, passed.column_code, passed.verdicts) == (page.live_revision_id, "tzgg", [])
    assert is_published(alpha, page)


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
def test_a_warning_asks_for_a_reason_and_keeps_it(ruled_pair: tuple[Subsite, Subsite], road: Road) -> None:
    alpha, _ = ruled_pair
    fields = {**GOOD, "keywords": ""}
    with pytest.raises((GateRefused, ArticleRefused)) as refused:
        road(alpha, fields)
    assert "须说明理由" in str(refused.value)
    assert in_tzgg_and_live(alpha) == []
    with in_site(alpha):
        ArticlePage.objects.all().delete()
    with acting_as(name="张三", reason="领导批示立即发布"):
        page_id = road(alpha, fields)
    assert in_tzgg_and_live(alpha) == ["供暖通知"]
    with in_site(alpha):
        passed = GatePass.objects.filter(page_id=page_id, purpose="live").latest("id")
    assert (passed.reason, passed.actor["name"]) == ("领导批示立即发布", "张三")
    assert [verdict["rule_id"] for verdict in passed.verdicts] == [WARNING.id]
    line = LedgerEntry.objects.filter(action="gate_override", subject_id=str(page_id)).latest("id")
    assert (line.site_code, line.actor["name"], line.detail["rules"]) == ("alpha", "张三", [WARNING.id])


def test_a_column_of_the_sites_own_obeys_the_column_above_it(
    ruled_pair: tuple[Subsite, Subsite], give_rules: GiveRules
) -> None:
    alpha, _ = ruled_pair
    give_rules(zt=(demand("zt", "summary"),))
    with in_site(alpha):
        own = ColumnPage(title="供暖专题", column_type="专题", description="说明", keywords="供暖")
        column = column_of("zt").add_child(instance=own)
        with pytest.raises(GateRefused, match=r"zt\.summary\.required"):
            column.add_child(instance=ArticlePage(title="供暖通知", live=True, body=BODY))
        column = ColumnPage.objects.get(pk=column.pk)
        page = column.add_child(instance=ArticlePage(title="供暖通知", live=True, body=BODY, summary="摘要"))
        assert GatePass.objects.get(page_id=page.pk).column_code == "zt"


def test_no_reason_helps_against_a_refusal(ruled_pair: tuple[Subsite, Subsite]) -> None:
    alpha, _ = ruled_pair
    with acting_as(name="张三", reason="领导批示立即发布"), pytest.raises(GateRefused):
        publish(alpha, {"summary": "", "keywords": ""})
    assert in_tzgg_and_live(alpha) == []


class TestSavingAndRevising:
    """A page that is live stays as it was when its change is refused."""

    @twinned("save(): over a live page")
    def test_save_of_a_live_page(self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage) -> None:
        alpha, _ = ruled_pair
        with in_site(alpha):
            ours.summary = ""
            with pytest.raises(GateRefused):
                ours.save()
            assert page_in(alpha, ours).summary == GOOD["summary"]
            ours.summary = "新的摘要"
            ours.save()
        assert page_in(alpha, ours).summary == "新的摘要"

    @twinned("publish: an unfinished draft of a live page")
    def test_a_draft_of_a_live_page_may_be_unfinished(
        self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage
    ) -> None:
        with in_site(ruled_pair[0]):
            ours.summary = ""
            revision = ours.save_revision()
            with pytest.raises(GateRefused):
                revision.publish()

    def test_what_was_accepted_needs_no_second_reason(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        with acting_as(name="张三", reason="领导批示"):
            page_id = publish(alpha, {"summary": "摘要", "keywords": ""})
        with in_site(alpha):
            page = ArticlePage.objects.get(pk=page_id)
            page.unpublish()
            page.get_latest_revision().publish()
            assert GatePass.objects.filter(page_id=page_id).latest("id").reason == "领导批示"
            page = ArticlePage.objects.get(pk=page_id)
            page.title = "别的标题"
            with pytest.raises(GateRefused):
                page.save()

    def test_a_waiver_lets_through_and_is_kept(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, beta = ruled_pair
        today = timezone.localdate()
        signed = {"column_code": "tzgg", "rule_id": REFUSAL.id, "reason": "历史通知", "signer": {"name": "处长"}}
        waiver = Waiver.objects.create(site=alpha, state="granted", expires_on=today, **signed)
        page_id = publish(alpha, {**GOOD, "summary": ""})
        with in_site(alpha):
            assert GatePass.objects.filter(page_id=page_id).latest("id").verdicts[0]["waived"] is True
        with pytest.raises(GateRefused):
            publish(beta, {**GOOD, "summary": ""})
        Waiver.objects.filter(pk=waiver.pk).update(expires_on=today - timedelta(days=1))
        with pytest.raises(GateRefused):
            publish(alpha, {**GOOD, "summary": ""})
        waiver.delete()


class TestReview:
    """What cannot be published is not submitted either."""

    @twinned("workflow: submitting")
    def test_submitting(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        bad, good = draft(alpha, {**GOOD, "summary": ""}), draft(alpha, GOOD)
        with in_site(alpha):
            with pytest.raises(GateRefused):
                bad.get_workflow().start(bad, None)
            assert Page.objects.get(pk=bad.pk).current_workflow_state is None
            good.get_workflow().start(good, None)
            assert GatePass.objects.get(page_id=good.pk).purpose == "submitted"

    @twinned("workflow: taking a review up again")
    def test_taking_a_review_up_again(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, GOOD)
        with in_site(alpha):
            state = page.get_workflow().start(page, None)
            state.current_task_state.reject()
            page = ArticlePage.objects.get(pk=page.pk)
            page.summary = ""
            page.save_revision()
            state.refresh_from_db()
            with pytest.raises(GateRefused), transaction.atomic():
                state.resume()
            page.summary = "改好了"
            page.save_revision()
            state = type(state).objects.get(pk=state.pk)
            state.resume()
            assert state.status == "in_progress"


def test_a_column_whose_time_is_over_asks_nothing_more(living: tuple[Subsite, Subsite], give_rules: GiveRules) -> None:
    """Its rules hold to the end of its last day; below it, those of the column above it go on."""
    alpha, beta = living
    today = timezone.localdate()
    rules = {"zcjd": (demand("zcjd", "summary"),), "zc": (demand("zc", "keywords"),)}
    give_rules({"zcjd": today}, **rules)
    with pytest.raises(GateRefused, match="摘要"):
        publish_article(alpha, "还有一天", column="zcjd", keywords="供暖")
    give_rules({"zcjd": today - timedelta(days=1)}, **rules)
    publish_article(alpha, "已经结束", column="zcjd", keywords="供暖")
    with pytest.raises(GateRefused, match="关键词"):
        publish_article(beta, "上级栏目的规则还在", column="zcjd")
