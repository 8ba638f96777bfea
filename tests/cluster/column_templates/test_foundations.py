"""What the law stands on is found where the owner changed it, and put right: public functions, triggers, rights, constraints."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cluster.column_templates.current import forget
from cluster.context import in_site
from cluster.resources import public_schema, triggers
from cluster.resources.models import Resource
from cluster.resources.projection import _IDENTITY
from cluster.subsites import constraints, web_rights
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.support.columns import own_column

WHOLE = "栏目结构和触发器全部完好\n"
WEB = settings.DATABASE_WEB_ROLE


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> None:
    """A law remembered for a second is another test's."""
    forget()


def check(*arguments: str) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("check_columns", *arguments, stdout=out)
    return out.getvalue()


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        run(statement)
    return str(caught.value)


def found_and_mended(statement: str) -> str:
    """Do it, have it found without touching it, have it mended; return what was said."""
    assert check() == WHOLE
    run(statement)
    for _ in range(2):
        with pytest.raises(CommandError, match="--repair"):
            check()
    said = check("--repair")
    assert "已修复" in said
    assert check() == WHOLE
    return said


ALTERED_TRIGGERS = {
    "off": "ALTER TABLE public.resources_resource DISABLE TRIGGER qz_version",
    "all off": "ALTER TABLE public.workdays_holidaynotice DISABLE TRIGGER USER",
    "for replicas": "ALTER TABLE public.column_templates_opening ENABLE REPLICA TRIGGER qz_forget",
    "gone": "DROP TRIGGER qz_append_only ON public.audit_ledgerentry",
    "of the templates": "DROP TRIGGER qz_keep_version ON public.column_templates_templateversion",
    "at another time": "CREATE OR REPLACE TRIGGER qz_version BEFORE INSERT ON public.resources_resource"
    " FOR EACH ROW EXECUTE FUNCTION public.qz_resource_version()",
    "toothless": "CREATE OR REPLACE TRIGGER qz_append_only BEFORE UPDATE OR DELETE ON public.resources_indexnumber"
    " FOR EACH ROW WHEN (false) EXECUTE FUNCTION public.qz_refuse('索引号一经取用不能修改、删除或再用')",
    "another's": "CREATE OR REPLACE TRIGGER qz_keep_version BEFORE UPDATE ON public.column_templates_templateversion"
    " FOR EACH ROW EXECUTE FUNCTION public.qz_record()",
}


@pytest.mark.parametrize("statement", ALTERED_TRIGGERS.values(), ids=ALTERED_TRIGGERS)
def test_a_trigger_on_a_shared_table_is_found_and_put_back(statement: str, alpha: Subsite, beta: Subsite) -> None:
    of_sites = triggers.installed_digests()
    said = found_and_mended(statement)
    assert said == "公共库：共用表上的触发器被停用、改动或删除（已修复）\n" + WHOLE
    assert triggers.installed_digests() == of_sites
    for table in ("audit_ledgerentry", "resources_indexnumber"):
        refused(f"TRUNCATE public.{table} CASCADE")
    run(
        "INSERT INTO public.audit_ledgerentry (site_code, action, subject_type, subject_id, title, content_hash, reason, actor, detail)"
        " VALUES ('beta', 'publish', 'page', '1', 'x', '', '', '{}', '{}')"
    )
    assert "台账只能追加" in refused("UPDATE public.audit_ledgerentry SET title = '改'")


ALTERED_FUNCTIONS = {
    "rights of the caller": "ALTER FUNCTION public.qz_columns_are_open(text) SECURITY INVOKER",
    "path": "ALTER FUNCTION public.qz_lock_page() SET search_path = public",
    "no path": "ALTER FUNCTION public.qz_lock_page() RESET ALL",
    "volatility": "ALTER FUNCTION public.qz_columns_are_open(text) IMMUTABLE",
    "words": "CREATE OR REPLACE FUNCTION public.qz_settle_finding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
    " SET search_path = pg_catalog, public AS 'BEGIN RETURN NEW; END'",
}


@pytest.mark.parametrize("statement", ALTERED_FUNCTIONS.values(), ids=ALTERED_FUNCTIONS)
def test_an_altered_function_is_found_and_put_back(statement: str, alpha: Subsite, beta: Subsite) -> None:
    said = found_and_mended(statement)
    assert said == "公共库：数据库中的保护函数与程序不一致（已修复）\n" + WHOLE


@pytest.mark.web_role
@pytest.mark.parametrize("role", ["PUBLIC", WEB])
def test_who_was_let_in_is_shut_out_again(role: str, alpha: Subsite, beta: Subsite) -> None:
    said = found_and_mended(f"GRANT EXECUTE ON FUNCTION public.qz_open_columns(text) TO {role}")
    assert f"保护函数被授权给不该调用的角色：qz_open_columns → {role}（已修复）" in said
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege(%(web)s, 'public.qz_open_columns(text)', 'EXECUTE'),"
            " has_function_privilege(%(web)s, 'public.qz_edge_take()', 'EXECUTE')",
            {"web": WEB},
        )
        assert cursor.fetchone() == (False, True), "what is meant for it stays"


ALTERED_RIGHTS = {
    "more": ("GRANT UPDATE, TRUNCATE ON public.audit_ledgerentry TO {web}", "公共库：网页进程角色在公共库的权限"),
    "of a column": ("GRANT UPDATE (kind) ON public.subsites_subsite TO {web}", "公共库：网页进程角色在公共库的权限"),
    "less": ("REVOKE INSERT ON public.subsites_job FROM {web}", "公共库：网页进程角色在公共库的权限"),
    "to call less": (
        "REVOKE EXECUTE ON FUNCTION public.qz_edge_take() FROM {web}",
        "公共库：网页进程角色在公共库的权限",
    ),
    "in a site": ("GRANT INSERT ON site_alpha.django_migrations TO {web}", "alpha：网页进程角色的权限"),
    "of a column in a site": (
        "GRANT UPDATE (app) ON site_alpha.django_migrations TO {web}",
        "alpha：网页进程角色的权限",
    ),
    "less in a site": ("REVOKE UPDATE ON site_alpha.wagtailcore_page FROM {web}", "alpha：网页进程角色的权限"),
    "in a mould": ("GRANT UPDATE ON base_county.columns_columnpage TO {web}", "base_county：网页进程角色的权限"),
}


@pytest.mark.web_role
@pytest.mark.parametrize(("statement", "named"), ALTERED_RIGHTS.values(), ids=ALTERED_RIGHTS)
def test_other_rights_of_the_web_role_are_found_and_put_right(
    statement: str, named: str, alpha: Subsite, beta: Subsite
) -> None:
    said = found_and_mended(statement.format(web=WEB))
    assert said.startswith(f"{named}与规定不一致（已修复）")
    assert "beta" not in said
    assert not web_rights.public_rights_differ(repair=False)
    assert web_rights.schemas_with_other_rights(["site_alpha", "site_beta", "base_county"]) == set()


STRANGERS = {
    "a trigger": (
        "CREATE FUNCTION public.lift() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER aa_first BEFORE UPDATE ON site_alpha.wagtailcore_page FOR EACH ROW EXECUTE FUNCTION public.lift()",
        "alpha：数据表 wagtailcore_page 上有不属于群站的触发器 aa_first",
    ),
    "a trigger that looks like ours": (
        "CREATE TRIGGER qz_more BEFORE UPDATE ON site_alpha.wagtailcore_site"
        " FOR EACH ROW EXECUTE FUNCTION public.qz_refuse('不改')",
        "alpha：数据表 wagtailcore_site 上有不属于群站的触发器 qz_more",
    ),
    "ours made a constraint": (
        "DROP TRIGGER qz_lock_place ON site_alpha.wagtailcore_page; CREATE CONSTRAINT TRIGGER qz_lock_place"
        " AFTER UPDATE ON site_alpha.wagtailcore_page DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION public.qz_lock_place()",
        "alpha：数据表 wagtailcore_page 上有不属于群站的触发器 qz_lock_place",
    ),
    "a rule": (
        "CREATE RULE quiet AS ON INSERT TO site_alpha.common_gatepass DO INSTEAD NOTHING",
        "alpha：数据表 common_gatepass 上有不属于群站的重写规则 quiet",
    ),
    "a rule in a mould": (
        "CREATE RULE quiet AS ON UPDATE TO base_county.columns_columnpage DO INSTEAD NOTHING",
        "base_county：数据表 columns_columnpage 上有不属于群站的重写规则 quiet",
    ),
    "a rule on the ledger": (
        "CREATE RULE quiet AS ON INSERT TO public.audit_ledgerentry DO INSTEAD NOTHING",
        "公共库：数据表 audit_ledgerentry 上有不属于群站的重写规则 quiet",
    ),
    "a trigger on the registry": (
        "CREATE FUNCTION public.lift() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER aa_first BEFORE UPDATE ON public.resources_resource FOR EACH ROW EXECUTE FUNCTION public.lift()",
        "公共库：数据表 resources_resource 上有不属于群站的触发器 aa_first",
    ),
    "a trigger on the registry that looks like ours": (
        "CREATE TRIGGER qz_more BEFORE INSERT ON public.resources_resource"
        " FOR EACH ROW EXECUTE FUNCTION public.qz_refuse('不收')",
        "公共库：数据表 resources_resource 上有不属于群站的触发器 qz_more",
    ),
    "a policy": (
        "ALTER TABLE site_alpha.columns_columnpage ENABLE ROW LEVEL SECURITY",
        "alpha：数据表 columns_columnpage 上有不属于群站的行级安全策略",
    ),
}


@pytest.mark.parametrize(("statements", "named"), STRANGERS.values(), ids=STRANGERS)
def test_what_is_none_of_ours_is_found_and_taken_off(
    statements: str, named: str, alpha: Subsite, beta: Subsite
) -> None:
    of_sites = triggers.installed_digests()
    said = found_and_mended(statements)
    assert f"{named}，会绕过保护（已修复）" in said
    assert "beta" not in said
    assert triggers.installed_digests() == of_sites
    assert triggers.strangers_in_public() == []
    assert triggers.strangers_in_sites(["site_alpha", "site_beta", "base_county"]) == []
    run(
        "INSERT INTO public.audit_ledgerentry (site_code, action, subject_type, subject_id, title, content_hash, reason, actor, detail)"
        " VALUES ('beta', 'publish', 'page', '1', '写得进', '', '', '{}', '{}')"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.audit_ledgerentry WHERE title = '写得进'")
        assert cursor.fetchone() == (1,)


def test_a_stranger_disarms_the_lock_until_it_is_gone(alpha: Subsite, beta: Subsite) -> None:
    rename = "UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'"
    run("ALTER TABLE site_alpha.columns_columnpage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    check_failed = pytest.raises(CommandError, match="--repair")
    with check_failed:
        check()
    assert "行级安全策略" in check("--repair")
    assert "通知公告" in refused(rename)
    assert check() == WHOLE


OTHER_TRIGGERS = {
    "all gone": """DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                   WHERE c.relnamespace = 'site_alpha'::regnamespace AND NOT t.tgisinternal
        LOOP EXECUTE format('DROP TRIGGER %I ON site_alpha.%I', one.tgname, one.relname); END LOOP; END $$""",
    "a function of the same name": "CREATE FUNCTION site_alpha.qz_lock_page() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'; CREATE OR REPLACE TRIGGER qz_lock BEFORE UPDATE OR DELETE ON site_alpha.wagtailcore_page"
    " FOR EACH ROW EXECUTE FUNCTION site_alpha.qz_lock_page()",
    "with arguments": "CREATE OR REPLACE TRIGGER qz_lock BEFORE UPDATE OR DELETE ON site_alpha.wagtailcore_page"
    " FOR EACH ROW EXECUTE FUNCTION public.qz_lock_page('x')",
    "for replicas": "ALTER TABLE site_alpha.wagtailcore_page ENABLE REPLICA TRIGGER qz_lock",
}


@pytest.mark.parametrize("statement", OTHER_TRIGGERS.values(), ids=OTHER_TRIGGERS)
def test_a_trigger_of_ours_that_became_another_is_put_back(statement: str, alpha: Subsite, beta: Subsite) -> None:
    said = found_and_mended(statement)
    assert said == "alpha：触发器被停用、改动或删除（已修复）\n" + WHOLE
    assert "通知公告" in refused("UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'")
    assert "通知公告" in refused("UPDATE site_beta.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'")


LOST = {
    "weaker under its name": "ALTER TABLE site_alpha.columns_columnpage DROP CONSTRAINT column_code_form,"
    " ADD CONSTRAINT column_code_form CHECK (code <> '')",
    "a weaker index under its name": "DROP INDEX public.template_one_current;"
    "CREATE UNIQUE INDEX template_one_current ON public.column_templates_templateversion (state) WHERE state = 'never'",
    "dropped": "ALTER TABLE site_alpha.columns_columnpage DROP CONSTRAINT column_code_form",
    "not checked": "ALTER TABLE site_alpha.columns_columnpage DROP CONSTRAINT column_code_form,"
    " ADD CONSTRAINT column_code_form CHECK (code ~ '^[a-z]') NOT VALID",
    "of a mould": "ALTER TABLE base_county.columns_columnpage DROP CONSTRAINT column_class_known",
    "shared": "ALTER TABLE public.column_templates_waiver DROP CONSTRAINT waiver_has_reason",
    "an index": "DROP INDEX public.template_one_current",
    "a unique field": """DO $$ DECLARE one name; BEGIN
        SELECT conname INTO one FROM pg_constraint WHERE conrelid = 'site_alpha.columns_columnpage'::regclass AND contype = 'u';
        EXECUTE format('ALTER TABLE site_alpha.columns_columnpage DROP CONSTRAINT %I', one); END $$""",
}


@pytest.mark.parametrize("statement", LOST.values(), ids=LOST)
def test_a_lost_constraint_is_found_and_put_back(statement: str, alpha: Subsite, beta: Subsite) -> None:
    said = found_and_mended(statement)
    assert "被删除、改弱或没有校验（已修复）" in said
    assert "beta" not in said
    assert constraints.lost(["public", "site_alpha", "site_beta", "base_county"]) == []


def test_rows_that_break_a_lost_constraint_are_told_and_left_to_people(alpha: Subsite, beta: Subsite) -> None:
    column = own_column(alpha)
    run("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")
    run("ALTER TABLE site_alpha.columns_columnpage DROP CONSTRAINT column_class_known")
    wrong = f"UPDATE site_alpha.columns_columnpage SET column_class = '{{}}' WHERE page_ptr_id = {column.pk}"
    run(wrong.format("没有这类"), "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(CommandError, match="有 1 处需要处理"):
        check("--repair")
    run(wrong.format("periodic"), "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")
    assert "column_class_known 被删除、改弱或没有校验（已修复）" in check("--repair")
    assert check() == WHOLE
    assert "column_class_known" in refused(wrong.format("没有这类"))
    with in_site(beta):
        assert ColumnPage.objects.filter(planted=True).exists()


def test_the_web_role_may_write_of_a_registry_row_what_is_projected() -> None:
    """A field that came later would be refused to every editor."""
    fields = {field.column for field in Resource._meta.concrete_fields if field.attname not in _IDENTITY}
    assert set(web_rights._OF_RESOURCE) == fields - {"site_id"}


def test_the_named_triggers_are_those_that_stand(db: None) -> None:
    """What no SQL of ours names, a repair would drop."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
               WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal"""
        )
        known = public_schema.named_triggers(triggers.functions_sql())
        assert set(cursor.fetchall()) == {(one.name, one.table) for one in known}
