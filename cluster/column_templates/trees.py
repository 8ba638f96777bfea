"""Columns and home page as they stand, of many sites at once: what plan, apply and the structure check compare with the law.

A few set-based queries over all schemas; no site is entered.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

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
    shows_dates: bool
    placed_under: int | None
    # Published, not expired, without a schedule.
    is_shown: bool
    is_restricted: bool
    # Items and columns that stand directly below.
    below: int


@dataclass(frozen=True, slots=True)
class StandingHome:
    """The home page's blocks as they are, and what the template planted last: blocks, and the codes of columns in order."""

    blocks: tuple[dict[str, Any], ...]
    planted_blocks: tuple[dict[str, Any], ...]
    planted_order: tuple[str, ...]
    # False for a site of which nobody noted what was planted.
    is_noted: bool
    has_draft: bool


@dataclass(frozen=True, slots=True)
class StandingSite:
    """What a template planted in a site, and what the site has set up itself, parents before children and in their order."""

    columns: tuple[StandingColumn, ...]
    home: StandingHome | None


_COLUMNS = """
SELECT {name} AS schema_name, p.id, c.code, p.title, p.slug, parent.id AS parent_id, coalesce(above.code, '') AS parent_code,
       c.column_class, c.column_type, c.description, c.keywords, c.fed_by, p.show_in_menus, c.planted, c.open_below, c.shows_dates,
       c.placed_under,
       p.live AND NOT p.expired AND p.go_live_at IS NULL AND p.expire_at IS NULL AS is_shown,
       EXISTS (SELECT 1 FROM {restrictions} r WHERE r.page_id = p.id) AS is_restricted, p.numchild, p.path
FROM {columns} c JOIN {pages} p ON p.id = c.page_ptr_id
     LEFT JOIN {pages} parent ON parent.path = left(p.path, -4)
     LEFT JOIN {columns} above ON above.page_ptr_id = parent.id
"""


_HOME = """
SELECT {name} AS schema_name, h.blocks::text, h.planted_as::text, p.has_unpublished_changes
FROM {homes} h JOIN {pages} p ON p.id = h.page_ptr_id
"""


def tables_in(schema_name: str) -> dict[str, sql.Composable]:
    """Return the names that a query asks for, in braces: the schema's, and those of its tables."""
    return {
        "name": sql.Literal(schema_name),
        "columns": sql.Identifier(schema_name, apps.get_model(settings.COLUMN_MODEL)._meta.db_table),
        "homes": sql.Identifier(schema_name, apps.get_model(settings.HOME_MODEL)._meta.db_table),
        "pages": sql.Identifier(schema_name, "wagtailcore_page"),
        "restrictions": sql.Identifier(schema_name, "wagtailcore_pageviewrestriction"),
    }


def read_sites(schema_names: Iterable[str]) -> dict[str, StandingSite]:
    """Return what stands in each schema; one that lacks tables or fields is left out."""
    names = with_tables(list(schema_names))
    columns: dict[str, list[StandingColumn]] = {name: [] for name in names}
    for schema_name, *values, _path in ask_each(_COLUMNS, names, "schema_name, path"):
        columns[schema_name].append(StandingColumn(*values))
    homes = {name: _home(*values) for name, *values in ask_each(_HOME, names, "schema_name")}
    return {name: StandingSite(tuple(columns[name]), homes.get(name)) for name in names}


def ask_each(query: str, names: list[str], order: str) -> Iterator[tuple[Any, ...]]:
    """Ask the same of every schema, in handfuls."""
    for start in range(0, len(names), SCHEMAS_PER_QUERY):
        several = [sql.SQL(query).format(**tables_in(name)) for name in names[start : start + SCHEMAS_PER_QUERY]]
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SELECT * FROM ({}) AS found ORDER BY {}").format(
                    sql.SQL(" UNION ALL ").join(several), sql.SQL(order)
                )
            )
            yield from cursor.fetchall()


def _home(blocks: str, planted_as: str, has_draft: bool) -> StandingHome:
    noted, standing = json.loads(planted_as), json.loads(blocks)
    return StandingHome(
        # An empty field is stored as an empty text.
        blocks=tuple(standing) if isinstance(standing, list) else (),
        planted_blocks=tuple(noted.get("blocks", ())),
        planted_order=tuple(noted.get("order", ())),
        is_noted=bool(noted),
        has_draft=has_draft,
    )


def with_tables(names: list[str]) -> list[str]:
    """Keep the schemas that have the tables with all that is asked of them; one restored from an old backup may not."""
    models = [apps.get_model(settings.COLUMN_MODEL), apps.get_model(settings.HOME_MODEL)]
    needed = [(model._meta.db_table, field.column) for model in models for field in model._meta.local_concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
               JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
               WHERE n.nspname = ANY(%s) AND (c.relname, a.attname) IN (SELECT * FROM unnest(%s::name[], %s::name[]))
               GROUP BY 1 HAVING count(*) = %s""",
            [names, [table for table, _ in needed], [column for _, column in needed], len(needed)],
        )
        present = {row[0] for row in cursor.fetchall()}
    return [name for name in names if name in present]
