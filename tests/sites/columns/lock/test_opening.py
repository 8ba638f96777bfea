"""Who opens the lock: the owner role for one schema and one transaction; the web role by no trick."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.support.columns import own_column
from tests.support.web_role import as_web

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
    assert "统一的栏目模板" in refused(RENAME.format(code="alpha").replace("改了", "再改"))


def test_a_block_that_failed_leaves_nothing_open(alpha: Subsite) -> None:
    with pytest.raises(RuntimeError), opened(alpha):
        raise RuntimeError
    assert "统一的栏目模板" in refused(RENAME.format(code="alpha"))


def test_nothing_outlives_the_transaction(living: tuple[Subsite, Subsite]) -> None:
    """Not even an opening that nobody closed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT public.qz_open_columns('site_alpha')")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.column_templates_opening")
        assert cursor.fetchone() == (0,)
    assert "统一的栏目模板" in refused(RENAME.format(code="alpha"))


OWNERS = "must be owner of {}"
DENIED = "permission denied {}"
# What the web role may try → the words by which the right guard refuses it. No word of ours: the role lacks the right.
TRICKS = {
    "call": (["SELECT public.qz_open_columns('site_alpha')"], DENIED.format("for function qz_open_columns")),
    "row": (
        [
            "INSERT INTO public.column_templates_opening VALUES (pg_current_xact_id(), 'site_alpha') ON CONFLICT DO NOTHING"
        ],
        DENIED.format("for table column_templates_opening"),
    ),
    "read": (
        ["SELECT * FROM public.column_templates_opening"],
        DENIED.format("for table column_templates_opening"),
    ),
    "disable": (
        ["ALTER TABLE site_alpha.wagtailcore_page DISABLE TRIGGER qz_lock"],
        OWNERS.format("table wagtailcore_page"),
    ),
    "drop": (
        ["DROP TRIGGER qz_lock ON site_alpha.wagtailcore_page"],
        OWNERS.format("relation wagtailcore_page"),
    ),
    "function": (
        [
            "CREATE OR REPLACE FUNCTION public.qz_columns_are_open(in_schema text) RETURNS boolean LANGUAGE sql"
            " AS 'SELECT true'"
        ],
        DENIED.format("for schema public"),
    ),
    "replica": (
        ["SET LOCAL session_replication_role = replica"],
        DENIED.format('to set parameter "session_replication_role"'),
    ),
    "role": ([f"SET LOCAL ROLE {settings.DATABASES['default']['USER']}"], DENIED.format("to set role")),
    "truncate": (
        ["TRUNCATE site_alpha.columns_columnpage CASCADE"],
        DENIED.format("for table columns_columnpage"),
    ),
}
# What the web role may do, and what does not help it: the lock itself refuses the last statement.
PREPARATIONS = {
    "variable": ["SET LOCAL qunzhan.columns_open = 'site_alpha'", "SET LOCAL qunzhan.opened = 'on'"],
    "shadow": [
        "CREATE TEMPORARY TABLE column_templates_opening ON COMMIT DROP AS"
        " SELECT pg_current_xact_id() AS xid, 'site_alpha' AS schema_name",
        "CREATE TEMPORARY TABLE columns_columnpage (page_ptr_id bigint, planted boolean) ON COMMIT DROP",
    ],
    "path": ["SET LOCAL search_path = pg_temp"],
    "nothing": [],
}


@pytest.mark.web_role
@pytest.mark.parametrize(("statements", "reason"), TRICKS.values(), ids=TRICKS)
def test_the_web_role_gets_past_by_no_trick(
    statements: list[str], reason: str, living: tuple[Subsite, Subsite]
) -> None:
    with as_web():
        assert reason in refused(*statements)
    assert [name_in(site) for site in living] == ["通知公告", "通知公告"]


@pytest.mark.parametrize("name", [name for name in TRICKS if name != "replica"])  # that one is a superuser's
def test_the_owner_may_do_each_of_them(name: str, alpha: Subsite) -> None:
    """The allowed twin: what is refused above is sound SQL."""
    with pytest.raises(ZeroDivisionError), opened(alpha), connection.cursor() as cursor:
        for statement in TRICKS[name][0]:
            cursor.execute(statement)
        raise ZeroDivisionError  # nothing of it stays


@pytest.mark.web_role
@pytest.mark.parametrize("statements", PREPARATIONS.values(), ids=PREPARATIONS)
def test_no_preparation_opens_a_planted_column(statements: list[str], living: tuple[Subsite, Subsite]) -> None:
    with as_web():
        said = refused(*statements, RENAME.format(code="alpha"))
    assert "栏目“通知公告”由全省统一的栏目模板设置，网站不能改名" in said
    assert [name_in(site) for site in living] == ["通知公告", "通知公告"]


@pytest.mark.web_role
@pytest.mark.parametrize("statements", PREPARATIONS.values(), ids=PREPARATIONS)
def test_with_each_a_column_of_the_sites_own_is_renamed(statements: list[str], living: tuple[Subsite, Subsite]) -> None:
    """The allowed twin: the same statements, then the same change where the site may make it."""
    alpha, _ = living
    own_column(alpha)
    with as_web(), transaction.atomic(), connection.cursor() as cursor:
        for statement in (*statements, RENAME.format(code="alpha").replace("tzgg", "zslm")):
            cursor.execute(statement)
    with in_site(alpha):
        assert ColumnPage.objects.get(code="zslm").title == "改了"


@pytest.mark.web_role
def test_the_web_role_cannot_use_the_python_door_either(living: tuple[Subsite, Subsite]) -> None:
    with as_web(), pytest.raises(DatabaseError, match="permission denied"), opened("site_alpha"):
        raise AssertionError("opened")


@pytest.mark.web_role
def test_the_web_role_shapes_what_is_the_sites_own(living: tuple[Subsite, Subsite]) -> None:
    """The allowed twin."""
    alpha, beta = living
    with as_web():
        column = own_column(alpha)
        run(f"UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE id = {column.pk}")
    with in_site(alpha):
        assert ColumnPage.objects.get(code="zslm").title == "改了"
    with in_site(beta):
        assert not ColumnPage.objects.filter(code="zslm").exists()
