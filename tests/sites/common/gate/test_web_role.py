"""The gate under the role of the web processes: SQL gets nothing live without a pass, and a pass that it forges is found out.

A web process judges for itself, so whoever got hold of one could write a pass. What he could not do: alter one, say that another
role wrote it, date it back, or keep the worker from looking again.
"""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone
from wagtail.models import Page

from cluster.column_templates.models import TemplateVersion
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.subsites.models import Subsite
from sites.common.gate import examining
from sites.common.gate.errors import GateRefused
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from tests.sites.common.gate.conftest import GOOD, REFUSAL
from tests.sites.common.gate.roads import draft, publish
from tests.support.articles import column_of, page_in
from tests.support.documents import draft_document
from tests.support.laws import GiveRules, demand
from tests.support.registry import is_published
from tests.support.web_role import as_web
from tests.support.working import work_until_idle

pytestmark = pytest.mark.web_role
Pair = tuple[Subsite, Subsite]
BAD = {**GOOD, "summary": ""}
LIVE = (
    "UPDATE {s}.wagtailcore_page SET live = true, first_published_at = now(), last_published_at = now() WHERE id = {id}"
)
FORGED = """INSERT INTO {s}.common_gatepass (page_id, revision_id, purpose, column_code, item_type, content_hash, template_version,
                verdicts, actor, reason, by_owner, at, xid, placed_under)
            SELECT {id}, live_revision_id, '{purpose}', 'tzgg', '{kind}', '{digest}', 1, '[]', '{{}}', '', true, '{at}', {xid}, {under}
            FROM {s}.wagtailcore_page WHERE id = {id}"""


def run(site: Subsite, page: ArticlePage, *statements: str, **words: Any) -> None:
    """Run the statements in one transaction."""
    with in_site(site):
        known = {"digest": page.facts_digest(), "under": page.get_parent().pk}
    known |= {
        "purpose": "live",
        "kind": "article",
        "at": "2020-01-01",
        "xid": "pg_current_xact_id()::text::bigint",
    } | words
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(s=site.schema_name, id=page.pk, **known))


class TestRefused:
    """At the commit, by the database."""

    def test_sql_gets_nothing_live_without_a_pass(self, ruled_pair: Pair) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, GOOD)
        with as_web(), pytest.raises(DatabaseError, match="没有经过发布检查，不能上线"):
            run(alpha, page, LIVE)
        assert not page_in(alpha, page).live

    def test_its_twin_publishes_by_the_gate(self, ruled_pair: Pair) -> None:
        alpha, _ = ruled_pair
        with as_web():
            with pytest.raises(GateRefused):
                publish(alpha, BAD)
            page_id = publish(alpha, GOOD)
        with in_site(alpha):
            assert ArticlePage.objects.get(pk=page_id).live

    @pytest.mark.parametrize("purpose", ["rechecked", "scheduled", "submitted"])
    def test_a_pass_for_another_occasion_is_none(self, ruled_pair: Pair, purpose: str) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, BAD)
        with as_web(), pytest.raises(DatabaseError, match="没有经过发布检查"):
            run(alpha, page, FORGED, LIVE, purpose=purpose)

    def test_a_pass_for_a_transaction_to_come_is_none(self, ruled_pair: Pair) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, BAD)
        with as_web():
            for ahead in range(1, 4):
                run(alpha, page, FORGED, xid=f"pg_current_xact_id()::text::bigint + {ahead}")
            with pytest.raises(DatabaseError, match="没有经过发布检查"):
                run(alpha, page, LIVE)

    # Statement → the words of the guard that refuses it.
    CLOSED = {
        "UPDATE {s}.common_gatepass SET reason = 'x'": "发布检查记录只能追加",
        "DELETE FROM {s}.common_gatepass": "发布检查记录只能追加",
        "TRUNCATE {s}.common_gatepass": "permission denied for table common_gatepass",
        "ALTER TABLE {s}.common_gatepass DISABLE TRIGGER qz_stamp": "must be owner of table common_gatepass",
        "ALTER TABLE {s}.wagtailcore_page DISABLE TRIGGER qz_pass": "must be owner of table wagtailcore_page",
        "SET LOCAL session_replication_role = replica": 'permission denied to set parameter "session_replication_role"',
        """CREATE OR REPLACE FUNCTION public.qz_stamp_pass() RETURNS trigger LANGUAGE plpgsql
           AS 'BEGIN RETURN NEW; END'""": "permission denied for schema public",
    }

    @pytest.mark.parametrize(("statement", "reason"), CLOSED.items())
    def test_passes_and_triggers_are_out_of_its_reach(
        self, ruled_pair: Pair, ours: ArticlePage, statement: str, reason: str
    ) -> None:
        with as_web(), pytest.raises(DatabaseError, match=reason):
            run(ruled_pair[0], ours, statement)

    @pytest.mark.parametrize("statement", [one for one in list(CLOSED)[2:] if "replica" not in one])
    def test_the_owner_may_switch_them(self, alpha: Subsite, statement: str) -> None:
        """The allowed twin: what is refused above is sound SQL; the nightly check finds what it changed."""
        with pytest.raises(ZeroDivisionError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(s=alpha.schema_name))
            raise ZeroDivisionError  # nothing of it stays

    def test_even_the_owner_alters_no_pass(self, ruled_pair: Pair, ours: ArticlePage) -> None:
        """What it may do is add: those of `ours` are there."""
        for statement in list(self.CLOSED)[:2]:
            with pytest.raises(DatabaseError, match="只能追加"):
                run(ruled_pair[0], ours, statement)
        with in_site(ruled_pair[0]):
            assert GatePass.objects.filter(page_id=ours.pk).exists()


class TestForged:
    """A pass in the right transaction, with the right digest, by SQL."""

    def test_the_database_says_who_wrote_it_and_when(self, ruled_pair: Pair) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, GOOD)
        with as_web():
            run(alpha, page, FORGED, xid="5")
        with in_site(alpha):
            found = GatePass.objects.latest("id")
        assert (found.by_owner, found.at.year > 2020, found.xid > 5) == (False, True, True)
        with in_site(alpha):
            publish(alpha, GOOD)
            assert GatePass.objects.latest("id").by_owner

    def test_what_it_let_live_is_taken_off(self, ruled_pair: Pair) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, BAD)
        with as_web():
            run(alpha, page, FORGED, LIVE)
        assert page_in(alpha, page).live
        work_until_idle()
        assert not page_in(alpha, page).live
        assert Finding.objects.get().kind == "taken_off"
        assert REFUSAL.id in Finding.objects.get().sentences[0]

    def test_it_gives_no_kind_a_place_that_has_none(self, ruled_pair: Pair) -> None:
        """As if it had stood there before the column was narrowed."""
        alpha, _ = ruled_pair
        page = draft_document(alpha, "关于供暖的通知")
        with in_site(alpha):
            news = column_of("dtyw")
            Page.objects.filter(pk=page.pk).update(
                path=news.path + "0ZZZ", depth=news.depth + 1, url_path=f"{news.url_path}{page.slug}/"
            )
            # The tree counts along, else the page's deletion would take one too many off.
            Page.objects.filter(pk=news.pk).update(numchild=F("numchild") + 1)
        with as_web():
            run(alpha, page, FORGED, LIVE, kind="policy_document", under=news.pk)
        work_until_idle()
        with in_site(alpha):
            assert not Page.objects.get(pk=page.pk).live
        assert Finding.objects.get().verdicts[0]["rule_id"] == "dtyw.takes"

    def test_its_twin_is_confirmed_once_and_stays(self, ruled_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        from sites.common.gate import rechecking

        alpha, _ = ruled_pair
        with as_web():
            page_id = publish(alpha, GOOD)
        work_until_idle()
        with in_site(alpha):
            page = ArticlePage.objects.get(pk=page_id)
            assert list(GatePass.objects.filter(page_id=page_id).values_list("purpose", "by_owner").order_by("id")) == [
                ("live", False),
                ("rechecked", True),
            ]
            assert page.live
            monkeypatch.setattr(rechecking, "examine", lambda *args, **more: pytest.fail("judged again"))
            ArticlePage.objects.filter(pk=page_id).update(note="题注")
        work_until_idle()
        assert is_published(alpha, page)
        assert not Finding.objects.exists()

    def test_a_reason_for_a_warning_is_believed(self, ruled_pair: Pair) -> None:
        from cluster.audit.actor import acting_as

        alpha, _ = ruled_pair
        with as_web(), acting_as(name="张三", reason="领导批示"):
            page_id = publish(alpha, {**GOOD, "keywords": ""})
        work_until_idle()
        with in_site(alpha):
            assert Page.objects.get(pk=page_id).live
        assert not Finding.objects.exists()

    @pytest.mark.parametrize("honest", [True, False], ids=["by the gate", "forged"])
    def test_what_went_live_before_the_version_in_force_is_judged_by_the_one_before(
        self, ruled_pair: Pair, give_rules: GiveRules, monkeypatch: pytest.MonkeyPatch, honest: bool
    ) -> None:
        """An apply in between, before the worker has looked, makes nobody's own pass true."""
        alpha, _ = ruled_pair
        the_one_before = examining.current_law()
        page = draft(alpha, GOOD if honest else BAD)
        with as_web(), in_site(alpha):
            if honest:
                page.get_latest_revision().publish()
            else:
                run(alpha, page, FORGED, LIVE)
        give_rules(tzgg=(REFUSAL, demand("tzgg", "author")))
        monkeypatch.setattr(examining, "law_before", lambda moment: the_one_before)
        since = TemplateVersion.objects.get().applied_at
        TemplateVersion.objects.update(applied_at=timezone.now())
        work_until_idle()
        TemplateVersion.objects.update(applied_at=since)
        assert page_in(alpha, page).live is honest
        told = [rule["rule_id"] for finding in Finding.objects.all() for rule in finding.verdicts]
        assert told == ([] if honest else [REFUSAL.id])

    @pytest.mark.parametrize("honest", [True, False], ids=["by the gate", "forged"])
    def test_a_column_that_a_version_shifted_makes_no_forged_pass_true(
        self, ruled_pair: Pair, give_rules: GiveRules, monkeypatch: pytest.MonkeyPatch, honest: bool
    ) -> None:
        """Who stood there before may stay, if he had passed: the web process alone says so, and is not believed."""
        alpha, _ = ruled_pair
        the_one_before = examining.current_law()
        page = draft(alpha, GOOD if honest else BAD)
        with as_web(), in_site(alpha):
            if honest:
                page.get_latest_revision().publish()
            else:
                run(alpha, page, FORGED, LIVE)
        applied_at, since = timezone.now(), TemplateVersion.objects.get().applied_at
        give_rules(last_days={"tzgg": date(2020, 1, 1)})
        monkeypatch.setattr(examining, "law_before", lambda moment: the_one_before if moment < applied_at else None)
        TemplateVersion.objects.update(applied_at=applied_at)
        work_until_idle()
        TemplateVersion.objects.update(applied_at=since)
        assert page_in(alpha, page).live is honest
        told = [rule["rule_id"] for finding in Finding.objects.filter(kind="taken_off") for rule in finding.verdicts]
        assert told == ([] if honest else [REFUSAL.id])

    @pytest.mark.parametrize("under", ["NULL", None], ids=["of no place", "of its place"])
    def test_an_item_that_sql_moves_is_judged_where_it_stands(self, ruled_pair: Pair, under: str | None) -> None:
        """A pass forged in a column without such rules helps nobody in the one that has them."""
        alpha, _ = ruled_pair
        page = draft(alpha, BAD, "dtyw")
        with in_site(alpha):
            news, notices = column_of("dtyw"), column_of("tzgg")
        words = {"under": under} if under else {}
        move = f"""UPDATE {{s}}.wagtailcore_page SET path = '{notices.path}0ZZZ', url_path = '{notices.url_path}{page.slug}/'
                   WHERE id = {{id}}"""
        count = "UPDATE {{s}}.wagtailcore_page SET numchild = numchild {} 1 WHERE id = {}"
        with as_web():
            run(alpha, page, FORGED.replace("'tzgg'", "'dtyw'"), LIVE, **words)
            run(alpha, page, move, count.format("-", news.pk), count.format("+", notices.pk))
        work_until_idle()
        assert not page_in(alpha, page).live
        assert REFUSAL.id in Finding.objects.get().sentences[0]
