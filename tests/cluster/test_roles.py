"""Two database roles: what the web processes may not do, beside what they must be able to do.

The connection of these tests is the web role's own, as gunicorn's is; the owner looks at the outcome.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.column_templates import versions
from cluster.column_templates.models import Waiver
from cluster.column_templates.waivers import ask_waiver, end_waiver, grant_waiver
from cluster.context import in_public, in_site
from cluster.inspection.clock import ask_inspection
from cluster.inspection.models import ColumnDuty, ColumnRecord, DutyRecord
from cluster.resources.models import Change, Mark, Resource
from cluster.resources.triggers import expected
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site, suspend_site
from cluster.workdays.models import HolidayNotice
from cluster.workdays.notices import enter_notice, withdraw_notice
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.columns import own_column
from tests.support.documents import publish_document
from tests.support.people import make_user, sign_in
from tests.support.registry import is_published, ledger_of
from tests.support.templates import draft_with
from tests.support.web_role import as_web
from tests.support.working import work_until_idle

Pair = tuple[Subsite, Subsite]

pytestmark = pytest.mark.web_role


def _run(statement: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def _refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as caught:
        _run(statement)
    return str(caught.value).splitlines()[0]


def test_the_web_role_is_connected(living: Pair) -> None:
    with as_web(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user, usesuper FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == (settings.DATABASE_WEB_ROLE, settings.DATABASE_WEB_ROLE, False)


# ---- the ledger

FORGED = "'alpha', 'publish', 'page', '1', '伪造', 1, '', '{}'::jsonb"
LEDGER_IS_CLOSED = [
    "UPDATE audit_ledgerentry SET title = '改'",
    "DELETE FROM audit_ledgerentry",
    "TRUNCATE audit_ledgerentry",
    "INSERT INTO audit_ledgerentry (site_code, action, subject_type, subject_id, title, content_hash, actor, reason, detail)"
    " VALUES ('alpha', 'publish', 'page', '1', '伪造', '', '{}', '', '{}')",
    "ALTER TABLE audit_ledgerentry DISABLE TRIGGER qz_append_only",
    "DROP TRIGGER qz_append_only ON audit_ledgerentry",
    "DROP TABLE audit_ledgerentry",
    "CREATE RULE forge AS ON UPDATE TO audit_ledgerentry DO INSTEAD NOTHING",
    f"SELECT public.qz_write_ledger({FORGED})",
]


@pytest.mark.parametrize("statement", LEDGER_IS_CLOSED)
def test_the_web_role_cannot_touch_the_ledger(statement: str, living: Pair) -> None:
    publish_article(living[0], "公告")
    before = list(LedgerEntry.objects.order_by("id").values_list())
    with as_web():
        said = _refused(statement)
        assert "permission denied" in said or "must be owner" in said
    assert list(LedgerEntry.objects.order_by("id").values_list()) == before


def test_the_registry_forgets_nothing_for_the_web_role(living: Pair) -> None:
    """A row that is deleted and made again would look first published now."""
    alpha, beta = living
    page, other = publish_article(alpha, "公告"), publish_article(beta, "公告")
    with as_web():
        assert "permission denied" in _refused("DELETE FROM resources_resource")
        with in_site(alpha):
            page.unpublish()
    assert not is_published(alpha, page)
    assert is_published(beta, other)
    assert Resource.objects.filter(site=alpha, page_id=page.pk).exists()


def test_no_function_of_ours_can_be_hung_on_a_temporary_table(living: Pair) -> None:
    """A trigger function with the owner's rights would write what the caller's own table tells it to.

    Found by this test: functions are open to everybody in PostgreSQL unless somebody closes them.
    """
    with as_web():
        said = _refused(
            """CREATE TEMPORARY TABLE forged AS SELECT * FROM subsites_subsite;
               CREATE TRIGGER forge AFTER UPDATE ON forged FOR EACH ROW EXECUTE FUNCTION public.qz_site_changed();"""
        )
        assert "permission denied for function" in said
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'qz\\_%'
                   AND has_function_privilege(oid, 'EXECUTE')"""
            )
            # The one that is meant for it: a server takes the events that wait for itself.
            assert cursor.fetchall() == [("qz_edge_take",)]


def test_even_the_owner_only_appends(living: Pair) -> None:
    publish_article(living[0], "公告")
    for statement in LEDGER_IS_CLOSED[:3]:
        assert "台账只能追加" in _refused(statement)


def test_what_the_web_role_does_is_written_into_the_ledger(living: Pair) -> None:
    """The allowed twin: the triggers write what the role itself cannot."""
    alpha, beta = living
    with as_web():
        page = publish_article(alpha, "公告")
        suspend_site(beta, reason="系统升级")
    assert ledger_of(page, alpha) == ["publish"]
    assert LedgerEntry.objects.filter(site_code="beta", action="site_state").exists()


# ---- triggers, marks and the feed

TRIGGERS_ARE_SAFE = [
    "ALTER TABLE site_alpha.wagtailcore_page DISABLE TRIGGER qz_mark",
    "ALTER TABLE site_alpha.content_articlepage DISABLE TRIGGER USER",
    "DROP TRIGGER qz_mark ON site_alpha.wagtailcore_page",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION public.qz_mark_core() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP FUNCTION public.qz_mark_core() CASCADE",
    "INSERT INTO resources_mark (schema_name, scope) VALUES ('site_alpha', 'site')",
    "DELETE FROM resources_mark",
    "DELETE FROM resources_change",
    "UPDATE resources_change SET parked_at = now()",
    "SELECT nextval('public.qz_version_seq')",
    "SELECT setval('public.qz_version_seq', 1)",
    "TRUNCATE resources_resource",
]


@pytest.mark.parametrize("statement", TRIGGERS_ARE_SAFE)
def test_the_web_role_cannot_silence_the_feed(statement: str, living: Pair) -> None:
    with as_web():
        said = _refused(statement)
    assert "permission denied" in said or "must be owner" in said


def test_a_change_by_the_web_role_reaches_the_registry(living: Pair) -> None:
    """By the editor's road at once, and by raw SQL through a mark; the feed rows are there for every consumer."""
    from cluster.resources.consumers import register_consumer

    alpha, _ = living
    register_consumer("test")
    with as_web():
        page = publish_article(alpha, "公告")
        assert is_published(alpha, page)
        _run(f"UPDATE site_alpha.wagtailcore_page SET title = '新公告' WHERE id = {page.pk}")
    assert Mark.objects.filter(schema_name="site_alpha", object_id=page.pk).exists()
    work_until_idle()
    row = Resource.objects.get(site=alpha, page_id=page.pk)
    assert row.title == "新公告"
    assert Change.objects.filter(consumer="test", resource_id=row.pk).count() == 2


# ---- index numbers

NUMBERS_ARE_CLOSED = [
    "UPDATE resources_indexnumber SET document = gen_random_uuid()",
    "DELETE FROM resources_indexnumber",
    "TRUNCATE resources_indexnumber",
    "ALTER TABLE resources_indexnumber DISABLE TRIGGER qz_append_only",
    "ALTER TABLE site_alpha.content_policydocumentpage DISABLE TRIGGER qz_index_number",
]


@pytest.mark.parametrize("statement", NUMBERS_ARE_CLOSED)
def test_the_web_role_takes_no_index_number_back(statement: str, living: Pair) -> None:
    with as_web():
        said = _refused(statement)
    assert "permission denied" in said or "must be owner" in said


def test_the_web_role_publishes_documents_that_touch_one_another(living: Pair) -> None:
    alpha, beta = living
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    try:
        with as_web():
            old = publish_document(alpha, "县里的办法")
            publish_document(beta, "市里的决定", repeals=Resource.objects.get(site=alpha, page_id=old.pk))
        work_until_idle()
        row = Resource.objects.get(site=alpha, page_id=old.pk)
        assert (row.validity, row.index_number) == ("repealed", old.index_number)
    finally:
        Subsite.objects.filter(pk=alpha.pk).update(parent=None)


# ---- the law of columns, its clock, its calendar

LAW_IS_CLOSED = [
    "UPDATE column_templates_siteversion SET version = 9",
    "DELETE FROM column_templates_siteversion",
    "INSERT INTO column_templates_siteversion (site_id, version, applied_at, report) SELECT id, 1, now(), '{}' FROM subsites_subsite",
    "INSERT INTO column_templates_opening VALUES (pg_current_xact_id(), 'site_alpha')",
    "UPDATE column_templates_waiver SET reason = '改'",
    "UPDATE column_templates_waiver SET site_id = site_id",
    "DELETE FROM column_templates_waiver",
    "UPDATE inspection_columnrecord SET since = now()",
    "DELETE FROM inspection_columnrecord",
    "UPDATE inspection_columnstate SET state = 'normal'",
    "DELETE FROM inspection_columnstate",
    "UPDATE inspection_dutynotice SET resolved_at = now()",
    "DELETE FROM inspection_inspectionrequest",
    "INSERT INTO inspection_inspectionrun VALUES (current_date, now(), now(), 1, 1, 0)",
    "DELETE FROM inspection_columnduty",
    "UPDATE inspection_dutyrecord SET officer_name = '别人'",
    "DELETE FROM inspection_dutyrecord",
    "INSERT INTO inspection_dutyrecord (site_id, column_code, unit, officer_name, reviewer_name, since)"
    " SELECT id, 'tzgg', '', '捏造', '', now() FROM subsites_subsite",
    "UPDATE workdays_holidaynotice SET days_off = '{}'",
    "DELETE FROM workdays_holidaynotice",
    "TRUNCATE column_templates_templateversion, column_templates_waiver, workdays_holidaynotice",
    "UPDATE inspection_columnrecord SET name = '改'",
    "DELETE FROM inspection_homerecord",
    "UPDATE inspection_ruleoutcome SET ok = true",
    "DELETE FROM inspection_ruleoutcome",
    "DELETE FROM findings_finding",
    "UPDATE findings_finding SET verdicts = '[]'",
    "INSERT INTO findings_finding (site_id, page_id, title, column_code, kind, verdicts, content_hash, found_at)"
    " SELECT id, 1, '捏造', 'tzgg', 'flagged', '[]', '', now() FROM subsites_subsite",
]


@pytest.mark.parametrize("statement", LAW_IS_CLOSED)
def test_the_web_role_bends_neither_law_nor_clock(statement: str, living: Pair) -> None:
    with as_web():
        said = _refused(statement)
    assert "permission denied" in said or "must be owner" in said


def test_the_web_role_writes_what_sites_and_office_write(living: Pair) -> None:
    """The allowed twins: a draft, a waiver asked and granted, a notice entered and withdrawn, a duty, a column with its record."""
    alpha, beta = living
    earlier = list(ColumnRecord.objects.values_list("pk", flat=True))
    with as_web(), acting_as(name="王敏"), in_public():
        draft_with(('name = "政策"', 'name = "文库"'))
        versions.discard_draft()
        waiver = ask_waiver(alpha, column_code="zcwj", rule_id="", reason="历史文件")
        grant_waiver(waiver, expires_on=date.today() + timedelta(days=9))
        end_waiver(waiver, note="已改正")
        days = {"days_off": [date(2027, 1, 1)], "whole_year": False, "year": 2027, "issued_on": date(2026, 11, 1)}
        notice = enter_notice(HolidayNotice(number="试〔2026〕1号", title="元旦", text="元旦放假", **days))
        withdraw_notice(notice, reason="试录")
        ColumnDuty.objects.update_or_create(site=alpha, column_code="tzgg", defaults={"unit": "责任登记科"})
        with connection.cursor() as cursor:
            cursor.execute("UPDATE inspection_columnduty SET officer_name = '赵六' WHERE column_code = 'tzgg'")
        ask_inspection(alpha.pk)
        column = own_column(alpha)
        with in_site(alpha):
            column.title = column.draft_title = "另一个名字"
            column.save()
    assert ColumnRecord.objects.get(site=alpha, code="zslm", until=None).name == "另一个名字"
    assert ColumnRecord.objects.filter(site=alpha, code="zslm").exclude(pk__in=earlier).count() == 2
    waiver.refresh_from_db()
    assert (waiver.state, waiver.reason, waiver.signer["name"]) == ("ended", "历史文件", "王敏")
    assert not Waiver.objects.filter(site=beta).exists()
    duties = DutyRecord.objects.filter(column_code="tzgg", unit="责任登记科").order_by("since")
    assert [(one.site_id, one.officer_name, one.until is None) for one in duties] == [
        (alpha.pk, "", False),
        (alpha.pk, "赵六", True),
    ]
    actions = LedgerEntry.objects.filter(actor__name="王敏").values_list("action", flat=True)
    assert {
        "template_drafted",
        "template_discarded",
        "waiver_granted",
        "holidays_entered",
        "holidays_withdrawn",
    } <= set(actions)


# ---- ownership and structure

STRUCTURE_IS_CLOSED = [
    "CREATE TABLE public.mine (id int)",
    "CREATE TABLE site_alpha.mine (id int)",
    "CREATE SCHEMA site_mine",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE site_alpha.content_articlepage ADD COLUMN mine text",
    "DROP TABLE site_alpha.content_articlepage",
    "DROP SCHEMA site_alpha CASCADE",
    "TRUNCATE site_alpha.content_articlepage",
    "CREATE EXTENSION vector",
    "COPY subsites_subsite TO '/tmp/x'",
    "COPY subsites_subsite TO PROGRAM 'id'",
    "SELECT pg_read_file('/etc/passwd')",
]


@pytest.mark.parametrize("statement", STRUCTURE_IS_CLOSED)
def test_the_web_role_changes_no_structure(statement: str, living: Pair) -> None:
    with as_web():
        said = _refused(statement)
    assert "permission denied" in said or "must be owner" in said


def test_the_web_role_passes_no_right_on(living: Pair) -> None:
    """PostgreSQL answers such a GRANT with a warning; what counts is that nobody has the right afterwards."""
    with as_web():
        _run("GRANT SELECT, UPDATE ON subsites_subsite TO PUBLIC")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.table_privileges WHERE grantee = 'PUBLIC' AND table_schema = 'public'"
        )
        assert cursor.fetchone() == (0,)


def test_the_web_role_owns_nothing(living: Pair) -> None:
    open_site(code="gamma", name="丙县", kind="county", region_code="230183")
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH me AS (SELECT oid FROM pg_roles WHERE rolname = %s)
               SELECT 'relation ' || relname FROM pg_class, me WHERE relowner = me.oid
               UNION ALL SELECT 'function ' || proname FROM pg_proc, me WHERE proowner = me.oid
               UNION ALL SELECT 'schema ' || nspname FROM pg_namespace, me WHERE nspowner = me.oid
               UNION ALL SELECT 'database ' || datname FROM pg_database, me WHERE datdba = me.oid
               UNION ALL SELECT 'type ' || typname FROM pg_type, me WHERE typowner = me.oid""",
            [settings.DATABASE_WEB_ROLE],
        )
        assert cursor.fetchall() == []


def test_the_web_role_reads_and_writes_every_site(living: Pair) -> None:
    """Those that were there, and one born a moment ago: each page table, its sequence included."""
    gamma = open_site(code="gamma", name="丙县", kind="county", region_code="230183")
    for site in (*living, gamma):
        with as_web():
            page = publish_article(site, f"{site.code} 公告")
            with in_site(site):
                ArticlePage.objects.filter(pk=page.pk).update(author="张三")
            for trigger in expected():
                _run(f'SELECT 1 FROM "{site.schema_name}"."{trigger.table}" LIMIT 1')
        assert is_published(site, page)


def test_moulds_are_out_of_the_web_roles_reach_as_owner_only_tables(living: Pair) -> None:
    """It may read a mould (the console shows its columns) but change no structure there."""
    with as_web():
        assert "must be owner" in _refused("DROP TABLE base_county.content_articlepage")


def test_an_editor_works_under_the_web_role(living: Pair, client_for: Callable[[Subsite], Client]) -> None:
    alpha, _ = living
    user = make_user(alpha, "site_admin")
    with as_web():
        client = sign_in(client_for(alpha), user)
        assert client.get("/admin/").status_code == 200
        assert client.get("/").status_code == 200


# ---- what the other tables mean is not the web role's to say

NOT_ITS_OWN = [
    "UPDATE {s}.django_content_type SET app_label = 'wagtailcore' WHERE model = 'articlepage'",
    "DELETE FROM {s}.django_content_type WHERE model = 'articlepage'",
    "DELETE FROM {s}.django_migrations",
    "UPDATE base_county.columns_columnpage SET description = '改'",
    "INSERT INTO base_county.auth_group (name) VALUES ('冒充')",
    "DELETE FROM base_city.wagtailcore_grouppagepermission",
    "DELETE FROM public.subsites_subsite",
]


@pytest.mark.parametrize("statement", NOT_ITS_OWN)
def test_the_web_role_writes_neither_types_nor_moulds(statement: str, living: Pair) -> None:
    alpha, beta = living
    with as_web():
        assert "permission denied" in _refused(statement.format(s=alpha.schema_name))
        # What it must be able to do, in both sites.
        for site in (alpha, beta):
            with in_site(site):
                assert publish_article(site, "公告").live
