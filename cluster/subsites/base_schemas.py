"""The moulds: one base schema for each kind of site, migrated, with the kind's columns, without a domain.

Called by migrate_cluster (make, plant) and by services.open_site (clone).
"""

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from cluster.context import in_public, in_site
from cluster.postgresql import connection
from cluster.subsites.cloning import copy_schema
from cluster.subsites.models import SiteKind, Subsite
from cluster.subsites.web_rights import grant_to_web_role


def base_site(kind: str) -> Subsite:
    """Return an unsaved Subsite that stands for the mould of this kind."""
    return Subsite(
        code="", name=f"{SiteKind(kind).label}基础模板", kind=kind, schema_name=f"base_{kind}", state="preparing"
    )


def schema_exists(schema_name: str) -> bool:
    """Return whether the schema is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema_name])
        return cursor.fetchone() is not None


def tables_of(schema_name: str) -> set[str]:
    """Return the names of the tables in a schema; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema_name])
        return {row[0] for row in cursor.fetchall()}


def clone_schema(source: str, target: str) -> None:
    """Copy structure, rows and triggers of a schema, inside the running transaction or by itself."""
    with in_public(), transaction.atomic():
        copy_schema(source, target)
        grant_to_web_role(target)


def plant(kind: str) -> None:
    """Run the steps that fill the mould of a kind with its columns; repeatable."""
    with in_site(base_site(kind)):
        for path in settings.BASE_SCHEMA_STEPS:
            import_string(path)(kind)
