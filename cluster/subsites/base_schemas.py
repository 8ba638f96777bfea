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

# What the web role may do in `public`, and what not.
WEB_IN_PUBLIC = """
-- By triggers (owner's rights) or by the worker alone.
REVOKE INSERT, UPDATE, DELETE ON audit_ledgerentry, resources_mark, resources_change, column_templates_siteversion,
    inspection_columnstate, inspection_dutynotice, inspection_inspectionrun, edge_edgeserver, edge_edgeevent FROM {web};
REVOKE ALL ON column_templates_opening FROM {web};
REVOKE USAGE, UPDATE ON SEQUENCE qz_version_seq, edge_edgeevent_id_seq FROM {web};
GRANT EXECUTE ON FUNCTION qz_edge_take() TO {web};
-- What it adds it does not take back.
REVOKE UPDATE, DELETE ON resources_indexnumber, inspection_inspectionrequest, pictures_pictureorder FROM {web};
REVOKE DELETE ON inspection_columnduty, resources_resource, subsites_subsite FROM {web};
-- What has been written stays as it is but for its end or its decision.
REVOKE UPDATE, DELETE ON inspection_columnrecord, column_templates_waiver, workdays_holidaynotice FROM {web};
GRANT UPDATE (until, in_menu) ON inspection_columnrecord TO {web};
GRANT UPDATE (state, signer, decided_at, note, expires_on) ON column_templates_waiver TO {web};
GRANT UPDATE (withdrawn_at, withdrawal_reason) ON workdays_holidaynotice TO {web};
"""
# And in every site: what a row of page is and which migrations ran is not for the web role to say; the lock and the gate rely on it.
WEB_IN_SITE = "REVOKE INSERT, UPDATE, DELETE ON {schema}.django_content_type, {schema}.django_migrations FROM {web};"
# New sites are cloned from the moulds: whoever could write there would write into all of them.
MOULDS = {f"base_{kind}" for kind in (*SiteKind.values, "bare")}
WEB_IN_MOULD = "REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} FROM {web};"


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


def grant_to_web_role(schema_name: str) -> None:
    """Let the web role read and write the tables of a schema; it owns none, so it cannot disable a trigger."""
    role = settings.DATABASE_WEB_ROLE
    if not role:
        return
    quoted, web = connection.ops.quote_name(schema_name), connection.ops.quote_name(role)
    # In one transaction: what is granted to all and taken back below is never open in between.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""GRANT USAGE ON SCHEMA {quoted} TO {web};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {quoted} TO {web};
                GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {quoted} TO {web};"""
        )
        taken_back = WEB_IN_PUBLIC if schema_name == "public" else WEB_IN_SITE
        cursor.execute(taken_back.format(web=web, schema=quoted))
        if schema_name in MOULDS:
            cursor.execute(WEB_IN_MOULD.format(web=web, schema=quoted))


def plant(kind: str) -> None:
    """Run the steps that fill the mould of a kind with its columns; repeatable."""
    with in_site(base_site(kind)):
        for path in settings.BASE_SCHEMA_STEPS:
            import_string(path)(kind)
