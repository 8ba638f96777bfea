"""What hangs on our tables and is none of ours: triggers, rewrite rules and row policies that an owner put there.

Asked by the nightly check (cluster.column_templates.foundations) and before triggers are installed. A trigger of another name
that answers NULL, a rule DO INSTEAD NOTHING, or a policy that hides the marks from our functions disarms lock, gate and registry
while each trigger of ours stands whole and enabled.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from psycopg2 import sql


class Kind(StrEnum):
    """What a stranger is."""

    TRIGGER = "触发器"
    RULE = "重写规则"
    POLICY = "行级安全策略"


# Whatever an extension brought along with its own tables is the extension's. `_RETURN` is what makes a view one; triggers of
# keys are internal. A trigger of ours that was made a constraint trigger cannot be replaced by a plain one, so it goes.
_STRANGE = """
WITH tables AS (
    SELECT c.oid, n.nspname, c.relname, c.relrowsecurity OR c.relforcerowsecurity AS is_policed
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT nspname, relname, tgname, %(trigger)s FROM tables JOIN pg_trigger t ON t.tgrelid = tables.oid
WHERE NOT t.tgisinternal AND NOT EXISTS (
    SELECT FROM unnest(%(tables)s::name[], %(names)s::name[], %(deferred)s::boolean[]) AS ours (in_table, name, is_deferred)
    WHERE ours.in_table = relname AND ours.name = tgname AND ours.is_deferred = (t.tgconstraint <> 0))
UNION ALL
SELECT nspname, relname, rulename, %(rule)s FROM tables JOIN pg_rewrite r ON r.ev_class = tables.oid
WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT nspname, relname, '', %(policy)s FROM tables WHERE is_policed
ORDER BY 1, 2, 4, 3
"""
_REMOVED = {
    Kind.TRIGGER: "DROP TRIGGER {name} ON {table}",
    Kind.RULE: "DROP RULE {name} ON {table}",
    Kind.POLICY: "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
}


@dataclass(frozen=True, order=True, slots=True)
class Known:
    """A trigger that belongs on a table."""

    table: str
    name: str
    is_deferred: bool = False


@dataclass(frozen=True, slots=True)
class Stranger:
    """Something on one of our tables that no SQL of ours makes."""

    schema_name: str
    table: str
    name: str
    kind: Kind

    def __str__(self) -> str:
        return f"数据表 {self.table} 上有不属于群站的{self.kind}{self.name and ' ' + self.name}，会绕过保护"

    def remove(self) -> None:
        """Take it off the table."""
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(_REMOVED[self.kind]).format(
                    name=sql.Identifier(self.name or self.table), table=sql.Identifier(self.schema_name, self.table)
                )
            )


def strangers(schema_names: Iterable[str], ours: Collection[Known]) -> list[Stranger]:
    """Return what is strange in these schemas, where `ours` belong; one query over all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STRANGE,
            {
                "schemas": list(schema_names),
                "tables": [one.table for one in ours],
                "names": [one.name for one in ours],
                "deferred": [one.is_deferred for one in ours],
                **{kind.name.lower(): kind.value for kind in Kind},
            },
        )
        return [Stranger(schema, table, name, Kind(kind)) for schema, table, name, kind in cursor.fetchall()]
