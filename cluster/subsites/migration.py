"""Cluster-wide migration: ask all schemas in one query who is behind, then bring those up to date one by one.

Called by the migrate_cluster command. Each schema is a transaction of its own per migration; a failed one is reported and the
rest go on; what is done is not done again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import router, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from cluster.context import in_public
from cluster.postgresql import connection
from cluster.resources import page_numbers, triggers
from cluster.subsites import base_schemas
from cluster.subsites.models import SiteKind
from cluster.subsites.regions import load_regions
from cluster.subsites.web_rights import grant_to_web_role

MIGRATION_LOCK = 7_230_002
BARE = "base_bare"


@dataclass(frozen=True)
class SchemaState:
    """A schema and what it lacks."""

    schema_name: str
    missing: int
    triggers_ok: bool

    @property
    def is_behind(self) -> bool:
        """Whether there is something to do."""
        return bool(self.missing) or not self.triggers_ok


@dataclass(frozen=True)
class Outcome:
    """What became of one schema: an empty error means it is up to date."""

    schema_name: str
    error: str = ""


def known_migrations() -> list[tuple[str, str]]:
    """Return (app, name) of every migration on disk."""
    loader = MigrationLoader(None)
    return sorted(loader.disk_migrations)


def site_schemas() -> tuple[list[str], list[str]]:
    """Return the schemas of all sites in order of their birth: those that can be asked, and those that are not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT schema_name, to_regclass(format('%I.django_migrations', schema_name)) IS NOT NULL
               FROM public.subsites_subsite ORDER BY id"""
        )
        rows = cursor.fetchall()
    return [name for name, there in rows if there], [name for name, there in rows if not there]


def base_schemas_present() -> list[str]:
    """Return the base schemas that are there."""
    names = [base_schemas.base_site(kind).schema_name for kind in SiteKind.values]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [names])
        present = {row[0] for row in cursor.fetchall()}
    return [name for name in names if name in present]


@contextmanager
def migration_lock() -> Iterator[None]:
    """Let one migration run at a time; a second waits here, then finds nothing to do.

    On a connection of its own: the one that migrates is renewed after an error, and would lose the lock.
    """
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                yield
            finally:
                # Closing alone would free it a moment later, when the server notices.
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    finally:
        holder.close()


def ask_all(schema_names: list[str]) -> list[SchemaState]:
    """Ask every schema in one query which known migrations it lacks, and in a second which triggers."""
    if not schema_names:
        return []
    known = known_migrations()
    digests = triggers.installed_digests()
    with connection.cursor() as cursor:
        quote = connection.ops.quote_name
        each = " UNION ALL ".join(
            f"""SELECT {number}, (SELECT count(*) FROM wanted w WHERE NOT EXISTS
                (SELECT 1 FROM {quote(name)}.django_migrations m WHERE m.app = w.app AND m.name = w.name))"""
            for number, name in enumerate(schema_names)
        )
        cursor.execute(
            f"WITH wanted AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS w(app, name)) {each}",
            [[app for app, _ in known], [name for _, name in known]],
        )
        missing = dict(cursor.fetchall())
    return [
        SchemaState(name, missing[number], name == "public" or digests.get(name) == triggers.schema_digest())
        for number, name in enumerate(schema_names)
    ]


def _migrate_schema(schema_name: str) -> None:
    """Run Django's migrate in one schema; the routers of django-tenants choose the apps."""
    connection.set_schema(schema_name, include_public=False)
    try:
        # Without this the migrations table of `public` would be found by the search path and nothing be applied.
        MigrationRecorder(connection).ensure_schema()
        connection.set_schema(schema_name)
        is_public = schema_name == "public"
        if is_public:
            _migrate_shared_apps()
        # Django's own command: django-tenants replaces the name "migrate" by one that walks over all schemas.
        call_command(MigrateCommand(), verbosity=0, interactive=False, skip_checks=True, fake=is_public)
    finally:
        connection.set_schema_to_public()
    grant_to_web_role(schema_name)


def _migrate_shared_apps() -> None:
    """Run in `public` the migrations of the apps that live there.

    The routers let none of the others do anything, yet Django would work out the models after each of those two hundred; they
    are recorded without that.
    """
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    executor.migrate([leaf for leaf in leaves if router.allow_migrate(connection.alias, leaf[0])])


def _functions_current() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(to_regprocedure('public.qz_put_mark(text,text,bigint)')::oid, 'pg_proc')"
        )
        row = cursor.fetchone()
    return bool(row) and row[0] == f"qunzhan {triggers.functions_digest()}"


def migrate_public() -> bool:
    """Bring the public schema up to date; return whether there was something to do."""
    with in_public():
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.django_migrations'), to_regclass('public.subsites_subsite')")
            new = None in cursor.fetchone()
        behind = new or ask_all(["public"])[0].missing > 0
        if behind:
            _migrate_schema("public")
        if behind or not _functions_current():
            triggers.install_functions()
            grant_to_web_role("public")
        load_regions()
        return behind


def migrate_base_schemas() -> Iterator[Outcome]:
    """Bring the moulds up to date, and make the missing ones: a bare schema by migration, the kinds as its clones."""
    present = base_schemas_present()
    for state in ask_all(present):
        if state.is_behind:
            yield _attempt(state)
    for kind in SiteKind.values:
        if base_schemas.base_site(kind).schema_name not in present:
            yield _make_base(kind)


def _make_base(kind: str) -> Outcome:
    name = base_schemas.base_site(kind).schema_name
    try:
        _prepare_bare()
        with transaction.atomic():
            base_schemas.clone_schema(BARE, name)
            base_schemas.plant(kind)
    except Exception as error:
        return _failed(name, error)
    return Outcome(name)


def _prepare_bare() -> None:
    """Make and migrate the bare schema, which all moulds are cloned from: one migration run instead of six."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {BARE}")
        cursor.execute("SELECT to_regclass(%s)", [f"{BARE}.django_migrations"])
        new = cursor.fetchone()[0] is None
    if new or ask_all([BARE])[0].is_behind:
        _migrate_schema(BARE)


def _failed(schema_name: str, error: Exception) -> Outcome:
    if not connection.is_usable():
        connection.close()
    return Outcome(schema_name, f"{type(error).__name__}: {error}".strip())


def _attempt(state: SchemaState) -> Outcome:
    name = state.schema_name
    try:
        if state.missing:
            _migrate_schema(name)
        triggers.install_triggers(name)
        # Whatever changed while triggers were missing was told to nobody: look at the whole site again.
        with connection.cursor() as cursor:
            cursor.execute("SELECT public.qz_put_mark(%s, 'site', 0)", [name])
        page_numbers.lift([name])
    except Exception as error:
        return _failed(name, error)
    return Outcome(name)


def migrate_sites(states: list[SchemaState]) -> Iterator[Outcome]:
    """Bring the given schemas up to date, one by one."""
    for state in states:
        yield _attempt(state)
