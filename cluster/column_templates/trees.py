"""The column trees as they stand, of many sites at once: what plan, apply and the structure check compare with the law.

A few set-based queries over all schemas; no site is entered.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg2 import sql

# Asking in handfuls keeps the locks of one statement few.
SCHEMAS_PER_QUERY = 40


@dataclass(frozen=True, slots=True)
class StandingColumn:
    """A column of a site as it is."""

    page_id: int
    code: str
    name: str
    slug: str
    parent_id: int | None
    parent_code: str
    column_class: str
    column_type: str
    description: str
    keywords: str
    fed_by: str
    menu: bool
    planted: bool
    open_below: bool
    placed_under: int | None
    # Published, not expired, without a schedule.
    is_shown: bool
    is_restricted: bool
    # Items and columns that stand directly below.
    below: int


_ONE_SCHEMA = """
SELECT {name} AS schema_name, p.id, c.code, p.title, p.slug, parent.id AS parent_id, coalesce(above.code, '') AS parent_code,
       c.column_class, c.column_type, c.description, c.keywords, c.fed_by, p.show_in_menus, c.planted, c.open_below, c.placed_under,
       p.live AND NOT p.expired AND p.go_live_at IS NULL AND p.expire_at IS NULL AS is_shown,
       EXISTS (SELECT 1 FROM {restrictions} r WHERE r.page_id = p.id) AS is_restricted, p.numchild, p.path
FROM {columns} c JOIN {pages} p ON p.id = c.page_ptr_id
     LEFT JOIN {pages} parent ON parent.path = left(p.path, -4)
     LEFT JOIN {columns} above ON above.page_ptr_id = parent.id
"""


def _select(schema_name: str) -> sql.Composed:
    table = apps.get_model(settings.COLUMN_MODEL)._meta.db_table
    return sql.SQL(_ONE_SCHEMA).format(
        name=sql.Literal(schema_name),
        columns=sql.Identifier(schema_name, table),
        pages=sql.Identifier(schema_name, "wagtailcore_page"),
        restrictions=sql.Identifier(schema_name, "wagtailcore_pageviewrestriction"),
    )


def read_trees(schema_names: Iterable[str]) -> dict[str, list[StandingColumn]]:
    """Return the columns of each schema, parents before children and in their order; a schema without tables is left out."""
    names = _with_tables(list(schema_names))
    trees: dict[str, list[StandingColumn]] = {name: [] for name in names}
    for start in range(0, len(names), SCHEMAS_PER_QUERY):
        part = sql.SQL(" UNION ALL ").join([_select(name) for name in names[start : start + SCHEMAS_PER_QUERY]])
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM ({}) AS trees ORDER BY schema_name, path").format(part))
            for schema_name, *values, _path in cursor.fetchall():
                trees[schema_name].append(StandingColumn(*values))
    return trees


def _with_tables(names: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
               WHERE n.nspname = ANY(%s) AND c.relname = 'wagtailcore_page'""",
            [names],
        )
        present = {row[0] for row in cursor.fetchall()}
    return [name for name in names if name in present]
