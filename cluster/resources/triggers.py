"""Install and verify the triggers of a site's schema: those that tell the feed, and those that other apps contribute.

Called after every migration (receivers), by migrate_cluster and repair_sites; the architecture tests ask `expected`.
The feed's functions lie in sql/functions.sql; settings.TRIGGER_CONTRIBUTIONS names what comes from elsewhere.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from psycopg2 import sql

from cluster.resources import public_schema
from cluster.resources.contributions import Contribution, Guard
from cluster.resources.strangers import Known, Stranger, strangers

FUNCTIONS = Path(__file__).parent / "sql" / "functions.sql"
# Tables where not every change counts; their functions stand in that file.
WRITTEN_OUT = {
    "wagtailcore_page": "qz_mark_core",
    "wagtailcore_collection": "qz_mark_collection",
    "wagtailcore_collectionviewrestriction": "qz_mark_collection_restriction",
}


@dataclass(frozen=True, order=True)
class TableTrigger:
    """Which table of a site marks what: scope and the column that holds the object's id."""

    table: str
    scope: str
    key: str

    @property
    def function(self) -> str:
        """Name of the trigger function."""
        return WRITTEN_OUT.get(self.table) or f"qz_mark_{self.scope}_{self.key}"


def _page_tables() -> set[TableTrigger]:
    """Return the triggers of all page types and of their inline tables."""
    from modelcluster.fields import ParentalKey
    from wagtail.models import Page

    found = set()
    column_model = apps.get_model(settings.COLUMN_MODEL)
    page_models = [model for model in apps.get_models() if issubclass(model, Page) and not model._meta.proxy]
    for model in page_models:
        if model is not Page:
            # Code and class of a column stand in the registry row of every item below it.
            scope = "subtree" if issubclass(model, column_model) else "page"
            found.add(TableTrigger(model._meta.db_table, scope, "page_ptr_id"))
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field, ParentalKey) or not issubclass(field.related_model, Page):
                continue
            # Wagtail's own inline tables of Page itself (comments) are not public content.
            if field.related_model is not Page:
                found.add(TableTrigger(model._meta.db_table, "page", field.column))
    for model in page_models:
        for many in model._meta.local_many_to_many:
            through = many.remote_field.through
            if through is not None and through._meta.auto_created:
                found.add(TableTrigger(through._meta.db_table, "page", many.m2m_column_name()))
    return found


@cache
def expected() -> tuple[TableTrigger, ...]:
    """Return every trigger that a site's schema must carry."""
    fixed = {
        TableTrigger("wagtailcore_page", "page", "id"),
        TableTrigger("wagtailcore_pageviewrestriction", "subtree", "page_id"),
        TableTrigger("wagtaildocs_document", "document", "id"),
        TableTrigger("wagtailimages_image", "image", "id"),
        TableTrigger("wagtailcore_site", "site", "id"),
        TableTrigger("wagtailcore_collectionviewrestriction", "document", "collection_id"),
        TableTrigger("wagtailcore_collection", "document", "path"),
    }
    return tuple(sorted(fixed | _page_tables()))


def _mark_functions() -> str:
    """Return the SQL of the small functions, one for each scope and key column."""
    body = """
CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    {first}
    IF TG_OP <> 'DELETE' THEN PERFORM public.qz_put_mark(TG_TABLE_SCHEMA, '{scope}', NEW.{key}); END IF;
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.{key} IS DISTINCT FROM OLD.{key}) THEN
        PERFORM public.qz_put_mark(TG_TABLE_SCHEMA, '{scope}', OLD.{key});
    END IF;
    RETURN NULL;
END $$;
"""
    pairs = sorted({(t.scope, t.key) for t in expected() if t.table not in WRITTEN_OUT})
    # A row in a page type's own table comes with the page itself.
    of_new = (
        "IF TG_OP = 'INSERT' THEN PERFORM public.qz_put_new(TG_TABLE_SCHEMA, NEW.page_ptr_id); RETURN NULL; END IF;"
    )
    firsts = {("page", "page_ptr_id"): of_new}
    return "".join(
        body.format(name=f"qz_mark_{scope}_{key}", scope=scope, key=key, first=firsts.get((scope, key), ""))
        for scope, key in pairs
    )


@cache
def _contributions() -> tuple[Contribution, ...]:
    return tuple(import_string(path)() for path in settings.TRIGGER_CONTRIBUTIONS)


def guards() -> tuple[Guard, ...]:
    """Return the triggers that other apps hang on the tables of every site."""
    return tuple(guard for contribution in _contributions() for guard in contribution.guards)


@cache
def functions_sql() -> str:
    """Return all SQL of the public schema."""
    contributed = "".join(contribution.functions_sql for contribution in _contributions())
    return FUNCTIONS.read_text() + _mark_functions() + contributed + public_schema.KEPT_FROM_OTHERS


@cache
def functions_digest() -> str:
    """Return a short digest of the public SQL; kept as the comment of one function."""
    # With what is noted of them: a note of another kind could not be compared.
    return hashlib.sha256((functions_sql() + public_schema.STANDING).encode()).hexdigest()[:16]


def install_functions() -> None:
    """Create or replace functions and triggers of the public schema."""
    with connection.cursor() as cursor:
        cursor.execute(functions_sql())
        public_schema.note_installed()
        cursor.execute(f"COMMENT ON FUNCTION public.qz_put_mark(text, text, bigint) IS 'qunzhan {functions_digest()}'")


def reinstall_functions() -> None:
    """Install anew where somebody altered what stands there: what is ours by name alone goes."""
    for stranger in strangers_in_public():
        stranger.remove()
    install_functions()


# As PostgreSQL counts (pg_trigger.tgtype): after each row for INSERT, DELETE and UPDATE; after each TRUNCATE.
_MARK_TYPE, _TRUNCATE_TYPE = 1 | 4 | 8 | 16, 32


@cache
def schema_digest() -> str:
    """Return what `installed_digests` says of a schema whose triggers are all there, whole and enabled."""
    lines = [guard.fingerprint for guard in guards()]
    for trigger in expected():
        lines.append(f"{trigger.table}:qz_mark:{trigger.function}:O:{_MARK_TYPE}:plain")
        lines.append(f"{trigger.table}:qz_truncate:qz_mark_site:O:{_TRUNCATE_TYPE}:plain")
    return hashlib.md5(",".join(sorted(lines)).encode(), usedforsecurity=False).hexdigest()


# One query over all schemas: what triggers of ours they carry, whether those are enabled (tgenabled O), when they fire, whether
# they call a function of another schema, and whether somebody has hung a condition, arguments or a list of columns on them.
DIGESTS_SQL = """
SELECT schema_name, md5(string_agg(line, ',' ORDER BY line COLLATE "C")) FROM (
    SELECT n.nspname AS schema_name, concat_ws(':', c.relname, t.tgname,
        CASE WHEN p.pronamespace = 'public'::regnamespace THEN p.proname::text ELSE p.oid::text END,
        t.tgenabled::text, t.tgtype::text,
        CASE WHEN t.tgqual IS NOT NULL OR t.tgattr::text <> '' OR t.tgnargs > 0 THEN 'conditional'
             WHEN t.tginitdeferred THEN 'deferred' ELSE 'plain' END) AS line
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgname LIKE 'qz\\_%' AND NOT t.tgisinternal AND n.nspname <> 'public'
) AS lines GROUP BY schema_name
"""


def installed_digests() -> dict[str, str]:
    """Return schema name → digest of the triggers that it really has."""
    with connection.cursor() as cursor:
        cursor.execute(DIGESTS_SQL)
        return dict(cursor.fetchall())


@cache
def _known_in_sites() -> frozenset[Known]:
    of_feed = {Known(one.table, name) for one in expected() for name in ("qz_mark", "qz_truncate")}
    return frozenset(of_feed | {Known(guard.table, guard.name, guard.deferred) for guard in guards()})


def strangers_in_sites(schema_names: Iterable[str]) -> list[Stranger]:
    """Return what hangs on the tables of these sites and moulds and is none of ours."""
    return strangers(schema_names, _known_in_sites())


def strangers_in_public() -> list[Stranger]:
    """Return what hangs on the tables of `public` and is none of ours."""
    return strangers(["public"], public_schema.named_triggers(functions_sql()))


def install_triggers(schema_name: str) -> None:
    """Create or replace the triggers of one site's schema, and take off what else hangs there; repeatable."""
    for stranger in strangers_in_sites([schema_name]):
        stranger.remove()
    statement = sql.SQL("""
CREATE OR REPLACE TRIGGER qz_mark AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION public.{function}();
CREATE OR REPLACE TRIGGER qz_truncate AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION public.qz_mark_site();
ALTER TABLE {table} ENABLE TRIGGER qz_mark;
ALTER TABLE {table} ENABLE TRIGGER qz_truncate;
""")
    with connection.cursor() as cursor:
        for trigger in expected():
            cursor.execute(
                statement.format(
                    table=sql.Identifier(schema_name, trigger.table), function=sql.Identifier(trigger.function)
                )
            )
        for guard in guards():
            cursor.execute(guard.statement(schema_name))
