"""What the role of the web processes may do: read all, write in the sites, and in `public` what its pages need and no more.

Called by migrate_cluster and with every clone; the nightly check (cluster.column_templates.guarding) asks who has other rights
by now. The role owns nothing, so it can disable no trigger; what it may write in part is held by triggers.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from cluster.postgresql import connection
from cluster.resources.public_schema import OPEN_TO_WEB
from cluster.subsites.models import SiteKind

# Of a site, the record and the state (cluster.subsites.record, services.move_site). Its kind is its law, its code and its schema
# are its identity: those are given once, by the worker that opens it.
_OF_SITE = (
    *("state", "state_changed_at", "state_reason", "opened_at", "closed_at", "successor_name", "successor_url"),
    *("short_name", "organizer", "undertaker", "phone", "email", "address", "postcode", "id_code", "icp"),
    *("police_record", "mark_kind", "mark_url", "jiucuo_enabled", "keywords", "description"),
)
# Of a registry row, all that is projected; whose row it is and when it was first published are not among that.
_OF_RESOURCE = (
    *("page_type", "source_id", "state", "withdrawn_at", "title", "path", "summary", "text"),
    *("column_code", "column_name", "column_class", "source", "author", "issuer", "doc_no", "region_name", "level"),
    *("category", "is_current", "pub_date", "effective_date", "index_number", "document_kind", "theme", "validity"),
    *("validity_until", "keywords", "published_at", "document_ids", "hidden_document_ids", "image_ids"),
    *("attachments_digest", "content_hash"),
)
# Table in `public` → what the web role may write there. What is not named it only reads: worker and triggers write it.
WRITES = {
    # Drafts alone: qz_keep_version.
    "column_templates_templateversion": "INSERT, UPDATE, DELETE",
    # Asked for, then decided: qz_moves.
    "column_templates_waiver": "INSERT, UPDATE (state, signer, decided_at, note, expires_on)",
    # Of an item that passes: qz_settle.
    "findings_finding": "UPDATE (settled_at)",
    "inspection_columnduty": "INSERT, UPDATE",
    # What has been written stays as it is but for its end: qz_record.
    "inspection_columnrecord": "INSERT, UPDATE (until, in_menu)",
    "inspection_homerecord": "INSERT, UPDATE (until)",
    "inspection_inspectionrequest": "INSERT",
    "pictures_pictureorder": "INSERT",
    "resources_attachmenttext": "INSERT, UPDATE, DELETE",
    # What it adds it does not take back.
    "resources_indexnumber": "INSERT",
    "resources_resource": f"INSERT, UPDATE ({', '.join(_OF_RESOURCE)})",
    "resources_resourcelink": "INSERT, DELETE",
    "staff_person": "INSERT, UPDATE",
    "subsites_domain": "INSERT",
    # An order, and the wish that it stops.
    "subsites_job": "INSERT, UPDATE (params)",
    "subsites_subsite": f"UPDATE ({', '.join(_OF_SITE)})",
    "workdays_holidaynotice": "INSERT, UPDATE (withdrawn_at, withdrawal_reason)",
}
# Nobody's but the triggers'; and sequences that no insert of the web role draws from.
_UNSEEN = "public.column_templates_opening"
_CLOSED_SEQUENCES = "public.qz_version_seq, public.edge_edgeevent_id_seq"
# What a row of page is and which migrations ran is not for the web role to say; the lock and the gate rely on it.
READ_IN_SITE = ("django_content_type", "django_migrations")
# New sites are cloned from the moulds: whoever could write there would write into all of them.
MOULDS = {f"base_{kind}" for kind in (*SiteKind.values, "bare")}

_ALL, _READ = "DELETE,INSERT,SELECT,UPDATE", "SELECT"
_RIGHTS_IN_PUBLIC = """
SELECT c.relname, '', a.privilege_type, a.is_grantable FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = to_regrole(quote_ident(%(web)s))
UNION ALL
SELECT c.relname, t.attname, a.privilege_type, a.is_grantable
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = to_regrole(quote_ident(%(web)s))
UNION ALL
SELECT p.proname, '', a.privilege_type, a.is_grantable FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a
WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = to_regrole(quote_ident(%(web)s))
"""
_OTHER_IN_SITES = """
SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT string_agg(a.privilege_type, ',' ORDER BY a.privilege_type COLLATE "C") AS held, bool_or(a.is_grantable) AS passed_on
    FROM aclexplode(c.relacl) a WHERE a.grantee = to_regrole(quote_ident(%(web)s))
) AS r ON true
WHERE n.nspname = ANY(%(names)s) AND c.relkind = 'r' AND (
    r.passed_on OR coalesce(r.held, '') <> CASE
        WHEN n.nspname = ANY(%(moulds)s) OR c.relname = ANY(%(read)s) THEN %(only_read)s ELSE %(all)s END
    OR EXISTS (SELECT FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) a
               WHERE t.attrelid = c.oid AND a.grantee = to_regrole(quote_ident(%(web)s))))
"""


def grant_to_web_role(schema_name: str) -> None:
    """Let the web role read and write the tables of a schema, as far as it needs to; whatever else it was given is taken back."""
    role = settings.DATABASE_WEB_ROLE
    if not role:
        return
    quoted, web = connection.ops.quote_name(schema_name), connection.ops.quote_name(role)
    if schema_name == "public":
        granted = _in_public(web)
    elif schema_name in MOULDS:
        granted = f"GRANT SELECT ON ALL TABLES IN SCHEMA {quoted} TO {web};"
    else:
        closed = ", ".join(f"{quoted}.{table}" for table in READ_IN_SITE)
        granted = f"""GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {quoted} TO {web};
                      REVOKE INSERT, UPDATE, DELETE ON {closed} FROM {web};"""
    # In one transaction: what is taken back and given again is never missing in between.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""REVOKE ALL ON ALL TABLES IN SCHEMA {quoted} FROM {web};
                REVOKE ALL ON ALL SEQUENCES IN SCHEMA {quoted} FROM {web};
                GRANT USAGE ON SCHEMA {quoted} TO {web};
                GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {quoted} TO {web};
                {granted}"""
        )


def _in_public(web: str) -> str:
    writes = "".join(f"GRANT {rights} ON public.{table} TO {web};" for table, rights in WRITES.items())
    return f"""GRANT SELECT ON ALL TABLES IN SCHEMA public TO {web};
        REVOKE ALL ON {_UNSEEN} FROM {web};
        REVOKE USAGE, UPDATE ON SEQUENCE {_CLOSED_SEQUENCES} FROM {web};
        GRANT EXECUTE ON FUNCTION public.{OPEN_TO_WEB}() TO {web};
        {writes}"""


def public_rights_differ(*, repair: bool) -> bool:
    """Whether the web role has other rights in `public` than it is to have; with `repair`, it has those afterwards."""
    if not settings.DATABASE_WEB_ROLE:
        return False
    with transaction.atomic():
        before = _rights_in_public()
        grant_to_web_role("public")
        differ = _rights_in_public() != before
        if not (differ and repair):
            transaction.set_rollback(True)
    return differ


def _rights_in_public() -> set[tuple[str, str, str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS_IN_PUBLIC, {"web": settings.DATABASE_WEB_ROLE})
        return set(cursor.fetchall())


def schemas_with_other_rights(schema_names: Iterable[str]) -> set[str]:
    """Return those of the sites and moulds in whose tables the web role has other rights than it is to have."""
    if not settings.DATABASE_WEB_ROLE:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _OTHER_IN_SITES,
            {
                "web": settings.DATABASE_WEB_ROLE,
                "names": list(schema_names),
                "moulds": sorted(MOULDS),
                "read": list(READ_IN_SITE),
                "only_read": _READ,
                "all": _ALL,
            },
        )
        return {row[0] for row in cursor.fetchall()}
