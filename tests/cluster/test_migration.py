"""migrate_cluster: asks first who is behind, brings those up to date, goes on past a failure, and can be run again."""

import threading
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from cluster.resources import triggers
from cluster.resources.models import Mark
from cluster.subsites import migration
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site
from tests.support import later
from tests.support.faults import broken_in

Pair = tuple[Subsite, Subsite]
UP_TO_DATE = "全部模式均为最新\n"


def _migrate(*words: str) -> str:
    out = StringIO()
    call_command("migrate_cluster", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


# ---- nothing to do


@pytest.mark.django_db
def test_with_nothing_to_do_it_says_so() -> None:
    assert _migrate() == UP_TO_DATE
    assert _migrate("--check") == UP_TO_DATE


def test_who_is_behind_is_asked_in_as_many_queries_for_many_as_for_few(alpha: Subsite) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert _migrate() == UP_TO_DATE
        return len(captured)

    before = queries()
    open_site(code="gamma", name="丙县", kind="county", region_code="230183")
    open_site(code="delta", name="丁市", kind="city", region_code="230300")
    assert queries() == before


@pytest.mark.django_db
def test_migrations_are_asked_in_one_query() -> None:
    present, absent = migration.site_schemas()
    assert len(present) >= 3
    assert absent == []
    with CaptureQueriesContext(connection) as captured:
        migration.ask_all(present)
    asking = [query["sql"] for query in captured if "django_migrations" in query["sql"]]
    assert len(asking) == 1
    assert all(f'"{name}".django_migrations' in asking[0] for name in present)


# ---- a later version


def _all_schemas() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(base|site)_'")
        return ["public", *(row[0] for row in cursor.fetchall())]


def _has_probe(schema_name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM information_schema.columns
               WHERE table_schema = %s AND table_name = 'content_articlepage' AND column_name = 'probe'""",
            [schema_name],
        )
        return bool(cursor.fetchone()[0])


def _note_as_done(schema_name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO "{schema_name}".django_migrations (app, name, applied) VALUES ('content', %s, now())""",
            [later.PROBE],
        )


def _take_back(schema_name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"""DELETE FROM "{schema_name}".django_migrations WHERE name = %s""", [later.PROBE])
        cursor.execute(f'ALTER TABLE IF EXISTS "{schema_name}".content_articlepage DROP COLUMN IF EXISTS probe')


@pytest.fixture
def later_version(living: Pair) -> Iterator[Pair]:
    """A version with one more migration, which all schemas but alpha's and beta's have already."""
    with override_settings(MIGRATION_MODULES={"content": "tests.support.later"}):
        for name in _all_schemas():
            if name not in ("site_alpha", "site_beta"):
                _note_as_done(name)
        yield living
        broken_in.clear()
    connection.close()
    for name in _all_schemas():
        _take_back(name)


def test_those_who_are_behind_are_brought_up_to_date(later_version: Pair) -> None:
    with pytest.raises(CommandError, match="2 个模式落后"):
        _migrate("--check")
    said = _migrate()
    assert "site_alpha 已升级" in said
    assert "site_beta 已升级" in said
    assert "base_" not in said
    assert "site_console" not in said
    assert [_has_probe(name) for name in ("site_alpha", "site_beta", "site_console")] == [True, True, False]
    assert _migrate() == UP_TO_DATE


def test_a_failed_site_is_reported_and_the_rest_go_on(later_version: Pair) -> None:
    """The first fails, the second is done; when the cause is gone, the next run does the first alone."""
    broken_in["site_alpha"] = ValueError("坏数据")
    with pytest.raises(CommandError, match="1 个模式升级失败：site_alpha。其余均已完成"):
        _migrate()
    assert [_has_probe(name) for name in ("site_alpha", "site_beta")] == [False, True]
    assert connection.schema_name == "public"
    broken_in.clear()
    said = _migrate()
    assert "site_alpha 已升级" in said
    assert "site_beta" not in said
    assert _has_probe("site_alpha")


def test_an_interrupted_run_is_resumed(later_version: Pair) -> None:
    broken_in["site_beta"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        _migrate()
    assert [_has_probe(name) for name in ("site_alpha", "site_beta")] == [True, False]
    assert connection.schema_name == "public"
    broken_in.clear()
    assert "已升级 1 个站点" in _migrate()
    assert _has_probe("site_beta")


def test_a_mould_that_is_behind_comes_first(later_version: Pair) -> None:
    """Sites opened afterwards are born with the later version."""
    for name in ("site_alpha", "site_beta"):
        _note_as_done(name)
    _take_back("base_county")
    with pytest.raises(CommandError, match="1 个模式落后"):
        _migrate("--check")
    assert "base_county 已升级" in _migrate()
    site = open_site(code="gamma", name="丙县", kind="county", region_code="230183")
    assert _has_probe(site.schema_name)
    assert _migrate() == UP_TO_DATE


# ---- sites that cannot be asked


@pytest.mark.parametrize("half", [False, True])
def test_a_site_without_schema_is_reported_and_the_rest_go_on(half: bool, alpha: Subsite) -> None:
    """Whether its schema is gone or empty, as after a dump restored by halves."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA site_alpha CASCADE")
        if half:
            cursor.execute("CREATE SCHEMA site_alpha")
        cursor.execute("DROP TRIGGER qz_mark ON site_beta.content_articlepage")
    with pytest.raises(CommandError, match="1 个模式升级失败：site_alpha"):
        _migrate()
    assert triggers.installed_digests()["site_beta"] == triggers.schema_digest()
    with pytest.raises(CommandError, match="1 个模式落后或缺失"):
        _migrate("--check")


# ---- triggers and functions


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TRIGGER qz_mark ON site_alpha.content_articlepage",
        "DROP TRIGGER qz_truncate ON site_alpha.wagtailcore_page",
        "ALTER TABLE site_alpha.content_articlepage DISABLE TRIGGER qz_mark",
        "ALTER TABLE site_alpha.columns_columnpage DISABLE TRIGGER USER",
        "ALTER TABLE site_alpha.wagtailcore_page ENABLE REPLICA TRIGGER qz_mark",
    ],
)
def test_missing_and_disabled_triggers_are_put_back(damage: str, alpha: Subsite, beta: Subsite) -> None:
    """And the whole site is marked, since what changed meanwhile was told to nobody."""
    Mark.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(damage)
    with pytest.raises(CommandError, match="1 个模式落后"):
        _migrate("--check")
    assert "site_alpha 已升级" in _migrate()
    assert triggers.installed_digests()["site_alpha"] == triggers.schema_digest()
    assert list(Mark.objects.values_list("schema_name", "scope")) == [("site_alpha", "site")]
    assert _migrate() == UP_TO_DATE


@pytest.mark.django_db
def test_functions_of_an_older_version_are_replaced() -> None:
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON FUNCTION public.qz_put_mark(text, text, bigint) IS 'qunzhan older'")
    _migrate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('public.qz_put_mark(text,text,bigint)'::regprocedure, 'pg_proc')")
        assert cursor.fetchone()[0] == f"qunzhan {triggers.functions_digest()}"


@pytest.mark.django_db
def test_a_missing_mould_is_made_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA base_body CASCADE")
    assert "base_body 已升级" in _migrate()
    assert open_site(code="gamma", name="省总工会", kind="body", region_code="230000").kind == "body"


# ---- one at a time


def test_a_second_migration_waits_for_the_first(living: Pair) -> None:
    said: list[str] = []

    def run() -> None:
        try:
            said.append(_migrate())
        finally:
            connection.close()

    with migration.migration_lock():
        second = threading.Thread(target=run)
        second.start()
        second.join(timeout=1.5)
        assert second.is_alive()
        assert said == []
    second.join(timeout=60)
    assert said == [UP_TO_DATE]


def test_the_lock_outlives_an_error_of_the_connection(living: Pair) -> None:
    """A failed site may cost the connection; no second migration may come in between."""
    with migration.migration_lock():
        connection.close()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [migration.MIGRATION_LOCK])
            assert cursor.fetchone() == (False,)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [migration.MIGRATION_LOCK])
        assert cursor.fetchone() == (True,)
