"""The constraints that models name and the fields that they call unique, as every schema must have them; put back where lost.

Asked by the nightly check (cluster.column_templates.foundations): an owner may drop a constraint, or add it again without having
the rows checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection, models
from psycopg2 import sql

_STANDING = """
SELECT n.nspname, t.relname, w.name FROM unnest(%(tables)s::name[], %(names)s::name[]) AS w (in_table, name)
JOIN pg_class t ON t.relname = w.in_table AND t.relkind = 'r' JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = ANY(%(schemas)s)
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = t.oid AND k.conname = w.name AND k.convalidated)
  AND NOT EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                  WHERE i.indrelid = t.oid AND x.relname = w.name AND i.indisunique AND i.indisvalid)
ORDER BY 1, 2, 3
"""
_UNIQUE = """
SELECT n.nspname, t.relname, w.field FROM unnest(%(tables)s::name[], %(names)s::name[]) AS w (in_table, field)
JOIN pg_class t ON t.relname = w.in_table AND t.relkind = 'r' JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = w.field AND NOT a.attisdropped
WHERE n.nspname = ANY(%(schemas)s)
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                  AND i.indexprs IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """A constraint, by its name or by the field that was unique, which a schema does not have, or not for all rows."""

    schema_name: str
    table: str
    name: str
    model: type[models.Model]
    constraint: models.BaseConstraint | None = None

    def restore(self) -> None:
        """Put it back; must run in the schema. Raises IntegrityError where the rows that are there break it."""
        table, name = sql.Identifier(self.schema_name, self.table), sql.Identifier(self.name)
        with connection.cursor() as cursor:
            if self.constraint is None:
                is_key = self.model._meta.pk is not None and self.model._meta.pk.column == self.name
                adding = "ALTER TABLE {} ADD PRIMARY KEY ({})" if is_key else "ALTER TABLE {} ADD UNIQUE ({})"
                cursor.execute(sql.SQL(adding).format(table, name))
                return
            cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(table, name))
            cursor.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(self.schema_name, self.name)))
        with connection.schema_editor(atomic=False) as editor:
            editor.add_constraint(self.model, self.constraint)


@cache
def _named() -> dict[tuple[str, str], tuple[type[models.Model], models.BaseConstraint]]:
    return {
        (model._meta.db_table, constraint.name): (model, constraint)
        for model in apps.get_models()
        if model._meta.managed
        for constraint in model._meta.constraints
    }


@cache
def _unique() -> dict[tuple[str, str], type[models.Model]]:
    return {
        (model._meta.db_table, field.column): model
        for model in apps.get_models()
        if model._meta.managed
        for field in model._meta.local_concrete_fields
        if field.unique and field.column
    }


def lost(schema_names: Iterable[str]) -> list[Lost]:
    """Return what is missing in these schemas, or was never held against all rows; two queries over all of them."""
    schemas = list(schema_names)
    gone = [
        Lost(schema, table, name, *_named()[table, name]) for schema, table, name in _ask(_STANDING, _named(), schemas)
    ]
    doubled = [
        Lost(schema, table, name, _unique()[table, name]) for schema, table, name in _ask(_UNIQUE, _unique(), schemas)
    ]
    return gone + doubled


def _ask(query: str, wanted: Iterable[tuple[str, str]], schemas: list[str]) -> list[tuple[str, str, str]]:
    pairs = list(wanted)
    tables, names = [table for table, _ in pairs], [name for _, name in pairs]
    with connection.cursor() as cursor:
        cursor.execute(query, {"tables": tables, "names": names, "schemas": schemas})
        return cursor.fetchall()  # type: ignore[no-any-return]
