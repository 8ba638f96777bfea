"""Who opens the lock: the owner role for one schema and one transaction; the web role by no trick."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.cluster.test_roles import as_web

needs_web = pytest.mark.skipif(not settings.DATABASE_WEB_ROLE, reason="没有设置 DATABASE_WEB_URL：无法以 web 角色连接")
RENAME = "UPDATE site_{code}.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'"


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def refused(*statements: str) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return str(caught.value)


def name_in(site: Subsite) -> str:
    with in_site(site):
        return ColumnPage.objects.get(code="tzgg").title


def test_an_opening_holds_for_its_site_and_its_block(alpha: Subsite, beta: Subsite) -> None:
    with opened(alpha):
        run(RENAME.format(code="alpha"))
        assert "统一的栏目模板" in refused(RENAME.format(code="beta"))
    assert "统一的栏目模板" in refused(RENAME.format(code="alpha").replace("改了", "再改"))
    assert (name_in(alpha), name_in(beta)) == ("改了", "通知公告")


def test_an_opening_inside_another_closes_with_the_outer_one(alpha: Subsite) -> None:
    with opened(alpha):
        with opened(alpha):
            pass
        run(RENAME.format(code="alpha"))
    assert refused(RENAME.format(code="alpha").replace("改了", "再改"))


def test_a_block_that_failed_leaves_nothing_open(alpha: Subsite) -> None:
    with pytest.raises(RuntimeError), opened(alpha):
        raise RuntimeError
    assert refused(RENAME.format(code="alpha"))


def test_nothing_outlives_the_transaction(living: tuple[Subsite, Subsite]) -> None:
    """Not even an opening that nobody closed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT public.qz_open_columns('site_alpha')")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.column_templates_opening")
        assert cursor.fetchone() == (0,)
    assert refused(RENAME.format(code="alpha"))


TRICKS = {
    "call": ["SELECT public.qz_open_columns('site_alpha')"],
    "row": ["INSERT INTO public.column_templates_opening VALUES (pg_current_xact_id(), 'site_alpha')"],
    "read": ["SELECT * FROM public.column_templates_opening"],
    "disable": ["ALTER TABLE site_alpha.wagtailcore_page DISABLE TRIGGER qz_lock"],
    "drop": ["DROP TRIGGER qz_lock ON site_alpha.wagtailcore_page"],
    "function": [
        "CREATE OR REPLACE FUNCTION public.qz_columns_are_open(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
    ],
    "replica": ["SET session_replication_role = replica"],
    "role": [f"SET ROLE {settings.DATABASES['default']['USER']}"],
    "truncate": ["TRUNCATE site_alpha.columns_columnpage CASCADE"],
    "variable": [
        "SET qunzhan.columns_open = 'site_alpha'",
        "SET LOCAL qunzhan.opened = 'on'",
        RENAME.format(code="alpha"),
    ],
    "shadow": [
        "CREATE TEMPORARY TABLE column_templates_opening AS SELECT pg_current_xact_id() AS xid, 'site_alpha' AS schema_name",
        "CREATE TEMPORARY TABLE columns_columnpage (page_ptr_id bigint, planted boolean)",
        RENAME.format(code="alpha"),
    ],
    "path": ["SET LOCAL search_path = pg_temp", RENAME.format(code="alpha")],
    "rename": [RENAME.format(code="alpha")],
}


@needs_web
@pytest.mark.parametrize("statements", TRICKS.values(), ids=TRICKS)
def test_the_web_role_gets_past_by_no_trick(statements: list[str], living: tuple[Subsite, Subsite]) -> None:
    with as_web():
        assert refused(*statements)
    assert [name_in(site) for site in living] == ["通知公告", "通知公告"]


@needs_web
def test_the_web_role_cannot_use_the_python_door_either(living: tuple[Subsite, Subsite]) -> None:
    with as_web(), pytest.raises(DatabaseError, match="permission denied"), opened("site_alpha"):
        raise AssertionError("opened")


@needs_web
def test_the_web_role_shapes_what_is_the_sites_own(living: tuple[Subsite, Subsite]) -> None:
    """The allowed twin."""
    from tests.support.columns import own_column

    alpha, beta = living
    with as_web():
        column = own_column(alpha)
        run(f"UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE id = {column.pk}")
    with in_site(alpha):
        assert ColumnPage.objects.get(code="zslm").title == "改了"
    with in_site(beta):
        assert not ColumnPage.objects.filter(code="zslm").exists()
