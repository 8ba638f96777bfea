"""What is to go live later is checked when it is scheduled, and again at its hour."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.column_templates.models import Waiver
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.subsites.models import Subsite
from sites.common.gate.errors import GateRefused
from sites.common.models import GatePass
from sites.common.scheduling import publish_scheduled
from sites.content.models import ArticlePage
from tests.sites.common.gate.conftest import GOOD, REFUSAL, WARNING
from tests.sites.common.gate.roads import BODY, draft, in_tzgg_and_live
from tests.support.articles import column_of
from tests.support.laws import GiveRules, demand
from tests.support.people import make_user
from tests.support.violations import twinned


class TestSchedule:
    """Checked when it is scheduled, and again at its hour."""

    def schedule(self, site: Subsite, fields: dict[str, Any], title: str = "供暖通知") -> ArticlePage:
        with in_site(site), transaction.atomic():
            page = ArticlePage(
                title=title, live=False, body=BODY, go_live_at=timezone.now() + timedelta(hours=1), **fields
            )
            column_of("tzgg").add_child(instance=page)
            page.save_revision().publish()
            return page

    def its_hour_comes(self, site: Subsite) -> None:
        with in_site(site):
            waiting = Revision.objects.filter(approved_go_live_at__isnull=False)
            for revision in waiting:
                revision.content["go_live_at"] = None
                revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
            Revision.objects.bulk_update(waiting, ["content", "approved_go_live_at"])
        publish_scheduled.run()

    @twinned("schedule: for later")
    def test_scheduling_is_refused_and_allowed(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        with pytest.raises(GateRefused):
            self.schedule(alpha, {**GOOD, "summary": ""})
        page = self.schedule(alpha, GOOD)
        with in_site(alpha):
            assert GatePass.objects.get(page_id=page.pk).purpose == "scheduled"
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == ["供暖通知"]

    @twinned("schedule: in a shell, outside a transaction")
    def test_outside_a_transaction_it_is_refused_before_it_is_written(
        self, ruled_pair: tuple[Subsite, Subsite]
    ) -> None:
        alpha, _ = ruled_pair
        bad, good = draft(alpha, {**GOOD, "summary": ""}), draft(alpha, {**GOOD, "slug": "luansheng"})
        for page in (bad, good):
            page.go_live_at = timezone.now() + timedelta(hours=1)
        with in_site(alpha):
            scheduled = Revision.objects.filter(approved_go_live_at__isnull=False)
            with pytest.raises(GateRefused):
                bad.save_revision().publish()
            assert not scheduled.exists()
            good.save_revision().publish()
            assert scheduled.get().object_id == str(good.pk)
            assert GatePass.objects.get(page_id__in=[bad.pk, good.pk]).purpose == "scheduled"
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == ["供暖通知"]

    @twinned("schedule: at its hour, under new rules")
    def test_refused_at_its_hour_it_stays_out_its_editor_is_told_and_the_others_go_on(
        self, ruled_pair: tuple[Subsite, Subsite], give_rules: GiveRules, mailoutbox: list[Any]
    ) -> None:
        alpha, _ = ruled_pair
        bad = self.schedule(alpha, GOOD, "没有作者")
        self.schedule(alpha, {**GOOD, "author": "李四"}, "有作者")
        owner = make_user(alpha)
        with in_site(alpha):
            type(owner).objects.filter(pk=owner.pk).update(email="editor@example.cn")
            Page.objects.filter(pk=bad.pk).update(owner=owner)
        give_rules(tzgg=(REFUSAL, WARNING, demand("tzgg", "author")))
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == ["有作者"]
        finding = Finding.objects.get(site=alpha)
        assert (finding.kind, finding.page_id) == ("schedule_refused", bad.pk)
        assert "tzgg.author.required" in finding.sentences[0]
        assert [mail.to for mail in mailoutbox] == [["editor@example.cn"]]
        assert "定时发布未通过" in mailoutbox[0].subject
        assert publish_scheduled.run() is False, "it is not tried again every ten seconds"
        assert LedgerEntry.objects.filter(action="gate_finding", subject_id=str(bad.pk)).exists()
        with in_site(alpha):
            page = ArticlePage.objects.get(pk=bad.pk)
            page.go_live_at, page.author = None, "李四"
            page.save_revision().publish()
        assert Finding.objects.get(site=alpha).settled_at is not None

    @twinned("schedule: set by SQL")
    def test_a_schedule_set_by_sql_is_judged_at_its_hour(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        bad, good = draft(alpha, {**GOOD, "summary": ""}), draft(alpha, GOOD)
        hour = timezone.now() - timedelta(minutes=1)
        with in_site(alpha):
            Revision.objects.filter(object_id__in=[str(bad.pk), str(good.pk)]).update(approved_go_live_at=hour)
        publish_scheduled.run()
        with in_site(alpha):
            assert list(ArticlePage.objects.live().values_list("pk", flat=True)) == [good.pk]
        assert (Finding.objects.get().kind, Finding.objects.get().page_id) == ("schedule_refused", bad.pk)

    @twinned("schedule: moved while it waits")
    def test_moved_while_it_waits_it_is_judged_where_it_is(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        """Scheduled in a column that asks for nothing, moved as a draft, live in one that asks."""
        alpha, _ = ruled_pair
        later = {"live": False, "body": BODY, "go_live_at": timezone.now() + timedelta(hours=1)}
        with in_site(alpha):
            for title, summary in (("坏", ""), ("好", "有")):
                slug = f"d-{bool(summary)}".lower()
                page = ArticlePage(title=title, slug=slug, summary=summary, keywords="供暖", **later)
                with transaction.atomic():
                    column_of("dtyw").add_child(instance=page)
                    page.save_revision().publish()
                Page.objects.get(pk=page.pk).move(column_of("tzgg"), pos="last-child")
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == ["好"]

    @twinned("schedule: after its waiver has ended")
    def test_a_waiver_that_has_ended_by_then_helps_no_more(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        signed = {"column_code": "tzgg", "rule_id": REFUSAL.id, "reason": "历史通知", "signer": {"name": "处长"}}
        waiver = Waiver.objects.create(site=alpha, state="granted", expires_on=timezone.localdate(), **signed)
        self.schedule(alpha, {**GOOD, "summary": ""})
        Waiver.objects.filter(pk=waiver.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == []
        self.schedule(alpha, GOOD, "供暖通知二")
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == ["供暖通知二"]

    def test_a_reason_given_when_scheduling_holds_at_its_hour(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        fields = {"summary": "摘要", "keywords": ""}
        with pytest.raises(GateRefused):
            self.schedule(alpha, fields)
        with acting_as(name="张三", reason="来不及"):
            self.schedule(alpha, fields)
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == ["供暖通知"]
