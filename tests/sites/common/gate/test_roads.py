"""Every road to a live page leads through the gate: what breaks a refusal stays out, its twin that keeps the rules gets through.

Each road is a function (site, fields) that tries to make a notice live and returns its page id. The same road is walked with
and without the summary that notices must carry; beta's notice must stay as it is (fixture ruled_pair).
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page, Revision, WorkflowState

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.gate.errors import GateRefused
from sites.common.models import GatePass
from sites.common.scheduling import publish_scheduled
from sites.content.models import ArticlePage
from sites.content.services import ArticleRefused, publish_articles
from tests.sites.common.gate.conftest import GOOD, REFUSAL, WARNING
from tests.support.articles import column_of, page_in, publish_article
from tests.support.columns import own_column
from tests.support.laws import GiveRules, demand
from tests.support.registry import is_published

BODY = '[{"type": "paragraph", "value": "<p>正文</p>"}]'
Road = Callable[[Subsite, dict[str, Any]], int]


def draft(site: Subsite, fields: dict[str, Any], column: str = "tzgg") -> ArticlePage:
    with in_site(site), transaction.atomic():
        page = column_of(column).add_child(instance=ArticlePage(title="供暖通知", live=False, body=BODY, **fields))
        page.save_revision()
        return ArticlePage.objects.get(pk=page.pk)


def publish(site: Subsite, fields: dict[str, Any]) -> int:
    page = draft(site, fields)
    with in_site(site):
        page.get_latest_revision().publish()
    return page.pk


def publish_in_one_transaction(site: Subsite, fields: dict[str, Any]) -> int:
    return publish_article(site, "供暖通知", column="tzgg", reason="", **fields).pk


def add_child(site: Subsite, fields: dict[str, Any]) -> int:
    with in_site(site):
        return column_of("tzgg").add_child(instance=ArticlePage(title="供暖通知", live=True, body=BODY, **fields)).pk


def save_as_live(site: Subsite, fields: dict[str, Any]) -> int:
    page = draft(site, fields)
    with in_site(site):
        page.live = True
        page.save()
    return page.pk


def last_approval(site: Subsite, fields: dict[str, Any]) -> int:
    from sites.common.publishing import publish_reviewed

    page = draft(site, {**fields, "summary": "先写着"})
    with in_site(site):
        state = page.get_workflow().start(page, None)
        page.summary = fields["summary"]
        page.save_revision()
        publish_reviewed(WorkflowState.objects.get(pk=state.pk))
    return page.pk


def revert(site: Subsite, fields: dict[str, Any]) -> int:
    """An old version is published again; the rules are those of today."""
    page = draft(site, fields)
    with in_site(site):
        old = page.get_latest_revision()
        page.summary = "改好的摘要"
        page.save_revision()
        Revision.objects.get(pk=old.pk).publish()
    return page.pk


def bulk_service(site: Subsite, fields: dict[str, Any]) -> int:
    with in_site(site):
        return publish_articles(column_of("tzgg"), [ArticlePage(title="供暖通知", body=BODY, **fields)])[0]


def copy(site: Subsite, fields: dict[str, Any]) -> int:
    page = publish_article(site, "供暖通知", **fields)  # dtyw asks for nothing
    with in_site(site):
        action = CopyPageAction(page, to=column_of("tzgg"), keep_live=True, update_attrs={"slug": "fuben"})
        return action.execute(skip_permission_checks=True).pk


def alias(site: Subsite, fields: dict[str, Any]) -> int:
    page = publish_article(site, "供暖通知", **fields)
    with in_site(site):
        action = CreatePageAliasAction(page, parent=column_of("tzgg"), update_slug="jingxiang")
        return action.execute(skip_permission_checks=True).pk


def move(site: Subsite, fields: dict[str, Any]) -> int:
    page = publish_article(site, "供暖通知", **fields)
    with in_site(site):
        page_in(site, page).move(column_of("tzgg"), pos="last-child")
    return page.pk


def move_with_its_column(site: Subsite, fields: dict[str, Any]) -> int:
    """A column of the site's own is moved below another of the law, and what stands in it comes under that one's rules."""
    with in_site(site), opened(site):
        ColumnPage.objects.filter(code="tzgg").update(open_below=True)
    own = own_column(site, f"zs{uuid4().hex[:6]}", under="zt")
    page = publish_article(site, "供暖通知", column=own.code, **fields)
    try:
        with in_site(site):
            ColumnPage.objects.get(pk=own.pk).move(column_of("tzgg"), pos="last-child")
    finally:
        with in_site(site), opened(site):
            ColumnPage.objects.filter(code="tzgg").update(open_below=False)
    return page.pk


def copy_with_its_column(site: Subsite, fields: dict[str, Any]) -> int:
    """A live column of the site's own is copied with all that stands in it."""
    own = own_column(site, f"zs{uuid4().hex[:6]}", under="zt")
    publish_article(site, "供暖通知", column=own.code, **fields)
    with in_site(site), opened(site):
        action = CopyPageAction(
            ColumnPage.objects.get(pk=own.pk),
            to=column_of("tzgg"),
            recursive=True,
            keep_live=True,
            update_attrs={"slug": f"fuben-{uuid4().hex[:6]}"},
        )
        copied = action.execute(skip_permission_checks=True)
        return copied.get_children().get().pk


def follow_the_original(site: Subsite, fields: dict[str, Any]) -> int:
    """The original of a mirror changes in a column that asks for nothing; the mirror stands where something is asked for."""
    page = publish_article(site, "供暖通知", **{**fields, "summary": "先写着", "keywords": "先写着"})
    with in_site(site):
        action = CreatePageAliasAction(page, parent=column_of("tzgg"), update_slug="jingxiang")
        mirror = action.execute(skip_permission_checks=True)
        try:
            page = ArticlePage.objects.get(pk=page.pk)
            page.summary, page.keywords = fields["summary"], fields["keywords"]
            page.save_revision().publish()
        except GateRefused:
            assert ArticlePage.objects.get(pk=mirror.pk).summary == "先写着"
            mirror.delete()
            raise
    return mirror.pk


def part_from_the_original(site: Subsite, fields: dict[str, Any]) -> int:
    """A mirror that is not live becomes a page of its own and is published."""
    page = publish_article(site, "供暖通知", **fields)
    with in_site(site), transaction.atomic():
        page.unpublish()
        action = CreatePageAliasAction(
            ArticlePage.objects.get(pk=page.pk), parent=column_of("tzgg"), update_slug="jingxiang"
        )
        mirror = action.execute(skip_permission_checks=True)
        own = ConvertAliasPageAction(mirror).execute(skip_permission_checks=True)
    with in_site(site):
        ArticlePage.objects.get(pk=own.pk).get_latest_revision().publish()
    return own.pk


ROADS: list[Road] = [
    move_with_its_column,
    copy_with_its_column,
    follow_the_original,
    part_from_the_original,
    publish,
    publish_in_one_transaction,
    add_child,
    save_as_live,
    last_approval,
    revert,
    bulk_service,
    copy,
    alias,
    move,
]


def in_tzgg_and_live(site: Subsite) -> list[str]:
    with in_site(site):
        return list(ArticlePage.objects.live().descendant_of(column_of("tzgg")).values_list("title", flat=True))


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_an_item_that_breaks_a_refusal_does_not_get_through(ruled_pair: tuple[Subsite, Subsite], road: Road) -> None:
    alpha, _ = ruled_pair
    with pytest.raises((GateRefused, ArticleRefused)) as refused:
        road(alpha, {**GOOD, "summary": ""})
    # The editor reads the rule, its basis and what to do.
    for word in (REFUSAL.id, REFUSAL.basis, "请填写“摘要”", "供暖通知"):
        assert word in str(refused.value)
    assert in_tzgg_and_live(alpha) == []


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_its_twin_gets_through_with_a_pass(ruled_pair: tuple[Subsite, Subsite], road: Road) -> None:
    alpha, _ = ruled_pair
    page_id = road(alpha, GOOD)
    assert in_tzgg_and_live(alpha) == ["供暖通知"]
    with in_site(alpha):
        page = Page.objects.get(pk=page_id)
        passed = GatePass.objects.filter(page_id=page_id, purpose="live").latest("id")
    assert (passed.revision_id, passed.column_code, passed.verdicts) == (page.live_revision_id, "tzgg", [])
    assert is_published(alpha, page)


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
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
    from sites.columns.models import ColumnPage

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
        from cluster.column_templates.models import Waiver

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

    def test_submitting(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        bad, good = draft(alpha, {**GOOD, "summary": ""}), draft(alpha, GOOD)
        with in_site(alpha):
            with pytest.raises(GateRefused):
                bad.get_workflow().start(bad, None)
            assert Page.objects.get(pk=bad.pk).current_workflow_state is None
            good.get_workflow().start(good, None)
            assert GatePass.objects.get(page_id=good.pk).purpose == "submitted"

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

    def test_scheduling_is_refused_and_allowed(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        with pytest.raises(GateRefused):
            self.schedule(alpha, {**GOOD, "summary": ""})
        page = self.schedule(alpha, GOOD)
        with in_site(alpha):
            assert GatePass.objects.get(page_id=page.pk).purpose == "scheduled"
        self.its_hour_comes(alpha)
        assert in_tzgg_and_live(alpha) == ["供暖通知"]

    def test_refused_at_its_hour_it_stays_out_its_editor_is_told_and_the_others_go_on(
        self, ruled_pair: tuple[Subsite, Subsite], give_rules: GiveRules, mailoutbox: list[Any]
    ) -> None:
        from cluster.findings.models import Finding
        from tests.support.people import make_user

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

    def test_a_schedule_set_by_sql_is_judged_at_its_hour(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        from cluster.findings.models import Finding

        alpha, _ = ruled_pair
        bad, good = draft(alpha, {**GOOD, "summary": ""}), draft(alpha, GOOD)
        hour = timezone.now() - timedelta(minutes=1)
        with in_site(alpha):
            Revision.objects.filter(object_id__in=[str(bad.pk), str(good.pk)]).update(approved_go_live_at=hour)
        publish_scheduled.run()
        with in_site(alpha):
            assert list(ArticlePage.objects.live().values_list("pk", flat=True)) == [good.pk]
        assert (Finding.objects.get().kind, Finding.objects.get().page_id) == ("schedule_refused", bad.pk)

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

    def test_a_waiver_that_has_ended_by_then_helps_no_more(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        from cluster.column_templates.models import Waiver

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


class TestBatches:
    """Bulk service and import: one bad item is named, the good ones go on."""

    def test_publish_articles_names_the_bad_one_and_publishes_none(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        with in_site(alpha):
            batch = [
                ArticlePage(title=f"第{n}条", body=BODY, **{**GOOD, "summary": "" if n == 2 else "有"})
                for n in range(5)
            ]
            with pytest.raises(ArticleRefused) as refused:
                publish_articles(column_of("tzgg"), batch)
        assert refused.value.index == 2
        assert in_tzgg_and_live(alpha) == []

    def test_import_rejects_the_bad_line_and_brings_in_the_others(
        self, ruled_pair: tuple[Subsite, Subsite], give_rules: GiveRules, tmp_path: Any
    ) -> None:
        alpha, _ = ruled_pair
        give_rules(tzgg=(demand("tzgg", "issuer"), demand("tzgg", "keywords", "warning")))
        lines = [
            {"id": f"d-{n}", "title": f"文件{n}", "body": "正文", "issuer": issuer, "region": "x", "level": "county"}
            for n, issuer in enumerate(["县政府", "", "县教育局"])
        ]
        path = tmp_path / "lines.jsonl"
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
        options = {"site": "alpha", "column": "tzgg", "actor": "王五", "reason": "历史文件迁移"}
        report = tmp_path / "report.jsonl"
        with pytest.raises(CommandError, match="有 1 条记录没有导入"):
            call_command("import_documents", str(path), report=report, **options)
        assert "tzgg.issuer.required" in report.read_text(encoding="utf-8")
        assert sorted(in_tzgg_and_live(alpha)) == ["文件0", "文件2"]
        with in_site(alpha):
            imported = ArticlePage.objects.filter(source_id__startswith="d-").values("pk")
            passes = GatePass.objects.filter(page_id__in=imported)
            assert {(one.actor["name"], one.reason) for one in passes} == {("王五", "历史文件迁移")}


class TestDatabase:
    """Around the application: the database itself asks for the pass at the commit."""

    SQL = "UPDATE site_alpha.wagtailcore_page SET live = true WHERE id = %s"

    @pytest.mark.parametrize("way", ["update", "sql", "insert", "revision", "type"])
    def test_nothing_turns_live_without_a_pass(self, ruled_pair: tuple[Subsite, Subsite], way: str) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, GOOD)
        live = publish_article(alpha, "上线的", column="tzgg", **GOOD)
        with pytest.raises(IntegrityError) as refused, in_site(alpha), transaction.atomic():
            if way == "update":
                Page.objects.filter(pk=page.pk).update(live=True)
            elif way == "sql":
                with connection.cursor() as cursor:
                    cursor.execute(self.SQL, [page.pk])
            elif way == "insert":
                with connection.cursor() as cursor:
                    cursor.execute(
                        """INSERT INTO wagtailcore_page SELECT (jsonb_populate_record(p, jsonb_build_object('id', 999999, 'live', true,
                           'path', p.path || '0001', 'depth', p.depth + 1, 'translation_key', gen_random_uuid()))).*
                           FROM wagtailcore_page p WHERE id = %s""",
                        [page.pk],
                    )
            elif way == "revision":
                other = page_in(alpha, live).save_revision()
                Page.objects.filter(pk=live.pk).update(live_revision=other)
            else:
                column = column_of("tzgg")
                Page.objects.filter(pk=page.pk).update(live=True, content_type=column.content_type)
                connection.check_constraints()  # disguised as a column …
                Page.objects.filter(pk=page.pk).update(content_type=page.content_type)  # … and then no more
        assert "没有经过发布检查" in str(refused.value)
        assert in_tzgg_and_live(alpha) == ["上线的"]

    def test_the_twin_publishes_and_sql_may_take_down(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        page_id = publish(alpha, GOOD)
        with in_site(alpha):
            Page.objects.filter(pk=page_id).update(live=False)
        assert in_tzgg_and_live(alpha) == []

    def test_a_pass_of_another_transaction_or_page_is_none(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        page_id = publish(alpha, GOOD)
        with in_site(alpha):
            Page.objects.filter(pk=page_id).update(live=False)
            with pytest.raises(IntegrityError, match="没有经过发布检查"):
                Page.objects.filter(pk=page_id).update(live=True)

    def test_passes_are_not_altered(self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage) -> None:
        from django.db import DatabaseError

        with in_site(ruled_pair[0]):
            for change in (lambda rows: rows.update(reason="另一个"), lambda rows: rows.delete()):
                with pytest.raises(DatabaseError, match="只能追加"):
                    change(GatePass.objects.filter(page_id=ours.pk))


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
