"""The constraints that models name and the fields that they call unique, as every schema must have them; put back where lost.

Asked by the nightly check (cluster.column_templates.foundations): an owner may drop a constraint, add it again without having
the rows checked, or put a weaker one under its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection, models, transaction
from psycopg2 import sql

# What the server says of each named constraint and unique index, in its own words, without the schema.
_DEFINED = """
SELECT n.nspname, t.relname, k.conname AS name, pg_get_constraintdef(k.oid) AS definition, k.convalidated AS is_whole
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
UNION ALL
SELECT n.nspname, t.relname, x.relname, replace(pg_get_indexdef(i.indexrelid), ' ON ' || quote_ident(n.nspname) || '.', ' ON '),
       i.indisvalid
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
"""
_STANDING = f"""
WITH standing AS MATERIALIZED (SELECT * FROM ({_DEFINED}) AS d WHERE is_whole AND name = ANY(%(names)s::name[]))
SELECT n.nspname, t.relname, w.name
FROM unnest(%(tables)s::name[], %(names)s::name[], %(definitions)s::text[], %(copied)s::text[])
     AS w (in_table, name, definition, copied)
JOIN pg_class t ON t.relname = w.in_table AND t.relkind = 'r' JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = ANY(%(schemas)s)
  AND NOT EXISTS (SELECT FROM standing s WHERE s.nspname = n.nspname AND s.relname = t.relname AND s.name = w.name
                  AND s.definition IN (w.definition, w.copied))
ORDER BY 1, 2, 3
"""
_TEMPORARY = f"""
SELECT relname, name, replace(definition, ' ON pg_temp.', ' ON ') FROM ({_DEFINED}) AS d
WHERE nspname = (SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()) AND name = ANY(%(names)s::name[])
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


Key = tuple[str, str]


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
def _named() -> dict[Key, tuple[type[models.Model], models.BaseConstraint]]:
    # The server cuts longer names.
    longest = connection.ops.max_name_length()
    return {
        (model._meta.db_table, constraint.name[:longest]): (model, constraint)
        for model in apps.get_models()
        if model._meta.managed
        for constraint in model._meta.constraints
    }


@cache
def _unique() -> dict[Key, type[models.Model]]:
    return {
        (model._meta.db_table, field.column): model
        for model in apps.get_models()
        if model._meta.managed
        for field in model._meta.local_concrete_fields
        if field.unique and field.column
    }


def lost(schema_names: Iterable[str]) -> list[Lost]:
    """Return what is missing in these schemas, weaker, or was never held against all rows; two queries over all of them."""
    schemas = list(schema_names)
    expected = expected_definitions()
    words = {
        "definitions": [one for one, _ in expected.values()],
        "copied": [copied for _, copied in expected.values()],
    }
    gone = [
        Lost(schema, table, name, *_named()[table, name])
        for schema, table, name in _ask(_STANDING, expected, schemas, **words)
    ]
    doubled = [
        Lost(schema, table, name, _unique()[table, name]) for schema, table, name in _ask(_UNIQUE, _unique(), schemas)
    ]
    return gone + doubled


def _ask(query: str, wanted: Iterable[Key], schemas: list[str], **further: list[str]) -> list[tuple[str, str, str]]:
    pairs = list(wanted)
    tables, names = [table for table, _ in pairs], [name for _, name in pairs]
    with connection.cursor() as cursor:
        cursor.execute(query, {"tables": tables, "names": names, "schemas": schemas, **further})
        return cursor.fetchall()  # type: ignore[no-any-return]


@cache
def expected_definitions() -> dict[Key, tuple[str, str]]:
    """Return (table, name) → how the server words what the models say: as it was made, and as a copy of that is worded.

    Clones and restored backups are made from the wording, and a list of values is worded otherwise then. It is asked once in a
    process: the constraints are made on temporary tables, and those are undone.
    """
    with transaction.atomic():
        with connection.schema_editor(atomic=False) as editor:
            for model in {model for model, _ in _named().values()}:
                _make_temporary(model)
            for model, constraint in _named().values():
                editor.add_constraint(model, constraint)
        made = _temporary_definitions()
        with connection.cursor() as cursor:
            for (table, name), definition in made.items():
                cursor.execute(_copying(table, name, definition))
        copied = _temporary_definitions()
        transaction.set_rollback(True)
    return {key: (made[key], copied[key]) for key in _named()}


def _temporary_definitions() -> dict[Key, str]:
    with connection.cursor() as cursor:
        cursor.execute(_TEMPORARY, {"names": [name for _, name in _named()]})
        return {(table, name): definition for table, name, definition in cursor.fetchall()}


def _copying(table: str, name: str, definition: str) -> sql.Composed:
    """Return the SQL that puts a constraint or index in its own place, made from its wording."""
    if definition.startswith("CREATE "):
        statement = "DROP INDEX {name}; " + definition.replace("{", "{{").replace("}", "}}")
    else:
        statement = "ALTER TABLE {table} DROP CONSTRAINT {name}; ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    return sql.SQL(statement).format(
        table=sql.Identifier(table), name=sql.Identifier(name), definition=sql.SQL(definition)
    )


def _make_temporary(model: type[models.Model]) -> None:
    """Make a table of the model's name and columns, which goes before the real one until it is undone."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(field.column), sql.SQL(field.db_type(connection)))
        for field in model._meta.local_concrete_fields
    )
    making = sql.SQL("CREATE TEMPORARY TABLE {} ({})").format(sql.Identifier(model._meta.db_table), columns)
    with connection.cursor() as cursor:
        cursor.execute(making)
