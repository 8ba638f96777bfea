"""Live content that changed around the gate is found by the worker: taken off or flagged, in the ledger, told; in one site alone."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from wagtail.documents import get_document_model
from wagtail.models import Page

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.inspection.models import ColumnDuty
from cluster.subsites.models import Subsite
from sites.common.models import GatePass
from sites.content.models import ArticleAttachment, ArticlePage
from tests.sites.common.gate.conftest import GOOD, REFUSAL, WARNING
from tests.support.articles import column_of, page_in, publish_article
from tests.support.laws import GiveRules, demand
from tests.support.people import make_user
from tests.support.registry import is_published, is_tombstone, row_of
from tests.support.running import wait_until
from tests.support.violations import twinned
from tests.support.working import work_until_idle, worker_running


def by_update(site: Subsite, page: ArticlePage, **fields: Any) -> None:
    with in_site(site):
        ArticlePage.objects.filter(pk=page.pk).update(**fields)


def by_sql(site: Subsite, page: ArticlePage, **fields: Any) -> None:
    with connection.cursor() as cursor:
        for name, value in fields.items():
            cursor.execute(
                f"UPDATE {site.schema_name}.content_articlepage SET {name} = %s WHERE page_ptr_id = %s",
                [value, page.pk],
            )


@pytest.mark.parametrize("way", [by_update, by_sql])
class TestContent:
    """Bulk updates and raw SQL on live items."""

    @twinned("QuerySet.update(): of live content, taken off", "raw SQL: of live content, taken off")
    def test_what_breaks_a_refusal_is_taken_off(
        self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, way: Any, mailoutbox: list[Any]
    ) -> None:
        alpha, _ = ruled_pair
        owner = make_user(alpha)
        with in_site(alpha):
            type(owner).objects.filter(pk=owner.pk).update(email="editor@example.cn")
            Page.objects.filter(pk=ours.pk).update(owner=owner)
        work_until_idle()
        way(alpha, ours, summary="")
        work_until_idle()
        assert not page_in(alpha, ours).live
        assert is_tombstone(alpha, ours)
        finding = Finding.objects.get()
        assert (finding.site, finding.page_id, finding.kind) == (alpha, ours.pk, "taken_off")
        assert REFUSAL.id in finding.sentences[0]
        line = LedgerEntry.objects.filter(action="withdraw", subject_id=str(row_of(alpha, ours).pk)).latest("id")
        assert line.actor["name"] == "发布检查程序"
        assert REFUSAL.id in line.reason
        assert LedgerEntry.objects.filter(action="gate_finding", site_code="alpha", subject_id=str(ours.pk)).exists()
        assert [mail.to for mail in mailoutbox] == [["editor@example.cn"]]
        assert f"{alpha.root_url}/admin/pages/{ours.pk}/edit/" in mailoutbox[0].body

    @pytest.mark.parametrize("told", ["officer", "mailbox", "nobody"])
    def test_of_a_page_without_owner_the_officer_or_the_site_is_told(
        self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, way: Any, told: str, mailoutbox: list[Any]
    ) -> None:
        alpha, beta = ruled_pair
        work_until_idle()
        ColumnDuty.objects.create(site=beta, column_code="tzgg", officer_email="officer@beta.example")
        ColumnDuty.objects.create(site=alpha, column_code="dtyw", officer_email="news@alpha.example")
        if told == "officer":
            ColumnDuty.objects.create(site=alpha, column_code="tzgg", officer_email="officer@alpha.example")
        before = alpha.email
        Subsite.objects.filter(pk=alpha.pk).update(email="" if told == "nobody" else "mailbox@alpha.example")
        try:
            way(alpha, ours, summary="")
            work_until_idle()
        finally:
            Subsite.objects.filter(pk=alpha.pk).update(email=before)
        assert Finding.objects.get().page_id == ours.pk
        assert [mail.to for mail in mailoutbox] == ([] if told == "nobody" else [[f"{told}@alpha.example"]])

    @twinned("QuerySet.update(): of live content, flagged", "raw SQL: of live content, flagged")
    def test_what_breaks_a_warning_is_flagged_once_and_stays(
        self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, way: Any
    ) -> None:
        alpha, _ = ruled_pair
        work_until_idle()
        way(alpha, ours, keywords="")
        work_until_idle()
        assert page_in(alpha, ours).live
        assert is_published(alpha, ours)
        finding = Finding.objects.get()
        assert (finding.kind, finding.settled_at) == ("flagged", None)
        assert WARNING.id in finding.sentences[0]
        way(alpha, ours, author="李四")
        work_until_idle()
        assert Finding.objects.filter(content_hash=finding.content_hash).count() == 1
        with in_site(alpha):
            page = page_in(alpha, ours)
            page.keywords = "补上了"
            page.save()
        assert not Finding.objects.filter(settled_at=None).exists()

    def test_a_change_that_keeps_the_rules_stays_and_has_a_pass(
        self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, way: Any
    ) -> None:
        alpha, _ = ruled_pair
        work_until_idle()
        way(alpha, ours, summary="数据库里改的摘要")
        work_until_idle()
        assert row_of(alpha, ours).summary == "数据库里改的摘要"
        assert not Finding.objects.exists()
        with in_site(alpha):
            last = GatePass.objects.filter(page_id=ours.pk).latest("id")
            assert last.content_hash == page_in(alpha, ours).facts_digest()


def test_what_went_through_the_gate_is_not_checked_again(
    ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sites.common.gate import rechecking

    monkeypatch.setattr(rechecking, "examine", lambda *args: pytest.fail("checked again"))
    work_until_idle()
    assert is_published(ruled_pair[0], ours)


@twinned("QuerySet.update(): into another column, taken off")
def test_an_item_moved_by_sql_is_judged_in_its_new_column(ruled_pair: tuple[Subsite, Subsite]) -> None:
    alpha, _ = ruled_pair
    page = publish_article(alpha, "没有摘要的动态", keywords="动态")
    work_until_idle()
    with in_site(alpha):
        target = column_of("tzgg")
        Page.objects.filter(pk=page.pk).update(
            path=target.path + "00ZZ", url_path=target.url_path + page.slug + "/", depth=target.depth + 1
        )
    work_until_idle()
    assert not page_in(alpha, page).live
    assert Finding.objects.get().column_code == "tzgg"


def test_a_warning_accepted_with_a_reason_is_not_flagged_when_touched(ruled_pair: tuple[Subsite, Subsite]) -> None:
    from cluster.audit.actor import acting_as

    alpha, _ = ruled_pair
    with acting_as(name="张三", reason="领导批示"):
        page = publish_article(alpha, "通知", column="tzgg", summary="摘要")
    work_until_idle()
    by_sql(alpha, page, note="题注")
    work_until_idle()
    assert not Finding.objects.exists()


def test_aliases_go_with_what_is_taken_off(ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage) -> None:
    from wagtail.actions.create_alias import CreatePageAliasAction

    alpha, _ = ruled_pair
    with in_site(alpha):
        action = CreatePageAliasAction(ours, parent=column_of("dtyw"), update_slug="jingxiang")
        alias = action.execute(skip_permission_checks=True)
    work_until_idle()
    by_update(alpha, ours, summary="")
    work_until_idle()
    with in_site(alpha):
        assert list(Page.objects.filter(pk__in=[ours.pk, alias.pk], live=True)) == []


@twinned("raw SQL: of an older content, taken off")
def test_an_older_content_that_once_passed_is_judged_by_todays_rules(
    ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, give_rules: GiveRules
) -> None:
    """Put back by SQL, it has the very digest of its first pass; the last pass counts."""
    alpha, _ = ruled_pair
    twin = publish_article(alpha, "孪生通知", column="tzgg", **GOOD)
    work_until_idle()
    for page in (ours, twin):
        with in_site(alpha):
            page = page_in(alpha, page)
            page.author = "李四"
            page.save()
    give_rules(tzgg=(REFUSAL, WARNING, demand("tzgg", "author")))
    work_until_idle()
    by_sql(alpha, ours, author="")
    by_sql(alpha, twin, author="王五")
    work_until_idle()
    assert not page_in(alpha, ours).live
    assert page_in(alpha, twin).live
    assert Finding.objects.get().verdicts[0]["rule_id"] == "tzgg.author.required"


@pytest.mark.parametrize("breaks", [True, False], ids=["bad", "good"])
def test_the_running_worker_finds_it_by_itself(
    ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, breaks: bool
) -> None:
    """The worker as it runs, woken by the database; how long it takes, tests/bench tells."""
    alpha, _ = ruled_pair
    work_until_idle()
    with worker_running("cluster.resources.projection_task.project_marks"):
        by_sql(alpha, ours, summary="" if breaks else "数据库里改的摘要")
        if breaks:
            wait_until(lambda: is_tombstone(alpha, ours), 30, "the worker takes it off")
        else:
            wait_until(lambda: row_of(alpha, ours).summary == "数据库里改的摘要", 30, "the worker registers it")
    assert page_in(alpha, ours).live is not breaks
    assert Finding.objects.count() == int(breaks)


@twinned("raw SQL: of an inline table, taken off")
def test_a_file_that_the_rules_ask_for_is_taken_away_by_sql(
    ruled_pair: tuple[Subsite, Subsite], give_rules: GiveRules
) -> None:
    alpha, _ = ruled_pair
    give_rules(tzgg=(demand("tzgg", "attachment"),))
    with in_site(alpha):
        files = [get_document_model().objects.create(title=name, file=ContentFile(b"x", name=name)) for name in "ab"]
        attached = [ArticleAttachment(document=one, sort_order=place) for place, one in enumerate(files)]
    page = publish_article(alpha, "有附件的通知", column="tzgg", attachments=attached)
    work_until_idle()
    delete = "DELETE FROM {s}.content_articleattachment WHERE page_id = %s AND document_id = %s"
    for document, stays in zip(files, (True, False), strict=True):
        with connection.cursor() as cursor:
            cursor.execute(delete.format(s=alpha.schema_name), [page.pk, document.pk])
        work_until_idle()
        assert page_in(alpha, page).live is stays
    assert Finding.objects.get(page_id=page.pk).site == alpha
    assert "tzgg.attachment.required" in Finding.objects.get(page_id=page.pk).sentences[0]
