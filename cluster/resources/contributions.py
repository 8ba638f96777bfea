"""What another app adds to the triggers of every site's schema: functions in `public` and guards on tables.

Named by settings.TRIGGER_CONTRIBUTIONS as functions that return a Contribution; cluster.resources.triggers installs,
verifies and repairs them with its own.
"""

from dataclasses import dataclass

from psycopg2 import sql

# Bits of pg_trigger.tgtype.
_ROW, _BEFORE = 1, 2
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


@dataclass(frozen=True, order=True)
class Guard:
    """A trigger on a table of every site. Its name begins with qz_; what it minds, its function decides, not a WHEN.

    A deferred one runs when the transaction commits.
    """

    table: str
    name: str
    function: str
    events: tuple[str, ...]
    before: bool = False
    each_row: bool = True
    deferred: bool = False

    @property
    def fingerprint(self) -> str:
        """What the digest of a schema says where this trigger is there, whole and enabled."""
        kind = _ROW * self.each_row | _BEFORE * self.before | sum(_EVENTS[event] for event in self.events)
        return f"{self.table}:{self.name}:{self.function}:O:{kind}:{'deferred' if self.deferred else 'plain'}"

    def statement(self, schema_name: str) -> sql.Composed:
        """Return the SQL that puts the trigger into a schema, in the place of what is there under its name."""
        # A constraint trigger cannot be replaced; dropping shuts out readers for a moment, so it is done for no other.
        begin = "DROP TRIGGER IF EXISTS {name} ON {table}; CREATE CONSTRAINT" if self.deferred else "CREATE OR REPLACE"
        return sql.SQL(
            begin
            + " TRIGGER {name} {time} {events} ON {table} {deferred} FOR EACH {level} EXECUTE FUNCTION public.{function}();"
            " ALTER TABLE {table} ENABLE TRIGGER {name};"
        ).format(
            name=sql.Identifier(self.name),
            table=sql.Identifier(schema_name, self.table),
            time=sql.SQL("BEFORE" if self.before else "AFTER"),
            events=sql.SQL(" OR ".join(self.events)),
            deferred=sql.SQL("DEFERRABLE INITIALLY DEFERRED" if self.deferred else ""),
            level=sql.SQL("ROW" if self.each_row else "STATEMENT"),
            function=sql.Identifier(self.function),
        )


@dataclass(frozen=True)
class Contribution:
    """The SQL of an app's functions in `public`, repeatable, and the guards that call them."""

    functions_sql: str
    guards: tuple[Guard, ...]
