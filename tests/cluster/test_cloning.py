"""A clone is its mould to the last name: columns, keys, indexes, triggers, sequences, rows; what it would lack is refused."""

import pytest
from django.db import connection

from cluster.subsites.base_schemas import base_site, clone_schema, schema_exists, tables_of
from cluster.subsites.errors import UnknownInMould
from cluster.subsites.models import SiteKind, Subsite
from cluster.subsites.services import open_site
from tests.support.orders import ORDER

pytestmark = pytest.mark.django_db

CLONE = "site_clone"
# Every query gives lines that name a thing of the schema %(s)s and say all that PostgreSQL knows of it.
SHAPE = {
    "columns": """
        SELECT concat_ws('|', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                         a.attgenerated, a.attstorage, a.attcompression, a.attcollation, pg_get_expr(d.adbin, d.adrelid),
                         col_description(c.oid, a.attnum))
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = %(s)s::regnamespace AND c.relkind = 'r'""",
    "constraints": """
        SELECT concat_ws('|', conrelid::regclass::text, conname, contype, convalidated, condeferrable, condeferred,
                         CASE WHEN contype <> 't' THEN pg_get_constraintdef(oid) END)
          FROM pg_constraint WHERE connamespace = %(s)s::regnamespace""",
    "indexes": """
        SELECT concat_ws('|', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisunique, i.indisprimary)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = %(s)s::regnamespace AND c.relkind = 'r'""",
    "triggers": """
        SELECT concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled)
          FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
         WHERE c.relnamespace = %(s)s::regnamespace AND NOT t.tgisinternal""",
    "sequences": """
        SELECT concat_ws('|', sequencename, data_type, start_value, increment_by, max_value, cycle, last_value)
          FROM pg_sequences WHERE schemaname = %(s)s""",
}


def _shape(schema_name: str) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        found = {}
        for what, query in SHAPE.items():
            cursor.execute(query, {"s": schema_name})
            found[what] = sorted(row[0].replace(f"{schema_name}.", "") for row in cursor.fetchall())
        return found


def _rows(schema_name: str) -> dict[str, str]:
    """Return table → digest of all its rows."""
    digests = {}
    with connection.cursor() as cursor:
        for table in sorted(tables_of(schema_name)):
            cursor.execute(
                f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{schema_name}"."{table}" AS t'
            )
            digests[table] = cursor.fetchone()[0]
    return digests


@pytest.mark.parametrize("kind", SiteKind.values)
def test_structure_and_rows_are_the_moulds(kind: str) -> None:
    mould = base_site(kind).schema_name
    clone_schema(mould, CLONE)
    shape, theirs = _shape(CLONE), _shape(mould)
    for what, lines in theirs.items():
        assert lines
        assert shape[what] == lines
    assert _rows(CLONE) == _rows(mould)


@pytest.mark.parametrize(
    "thing",
    [
        "CREATE VIEW base_body.thing AS SELECT 1",
        "CREATE SEQUENCE base_body.thing",
        "CREATE FUNCTION base_body.thing() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE base_body.thing AS ENUM ('a')",
        "CREATE TABLE base_body.thing (id int) WITH (fillfactor = 50)",
    ],
)
def test_what_a_clone_would_lack_is_refused_by_name(thing: str, alpha: Subsite) -> None:
    """Only for the kind whose mould has it; another kind opens as ever."""
    with connection.cursor() as cursor:
        cursor.execute(thing)
    with pytest.raises(UnknownInMould, match="thing"):
        open_site(code="gamma", name="丙协会", kind="body", region_code="230000")
    assert not schema_exists("site_gamma")
    assert open_site(**ORDER).kind == "county"
