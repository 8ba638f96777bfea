"""Read model instances by statements that are written out: for the handful of reads that every page of every site begins with.

Composing a query of joined models costs several times what running it costs, and these are composed anew for each request.
Called by cluster.middleware and sites.common.routing; everything that is not on every page asks the usual way.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
Convert = Callable[..., Any]


class Part(Generic[M]):
    """One model's part of a row: its columns for the statement, and the instance made of their values.

    `alias` names the model's table in the statement; the tables of models it extends keep their own names.
    """

    def __init__(self, model: type[M], alias: str) -> None:
        fields = model._meta.concrete_fields
        own = model._meta.db_table
        self.model = model
        self.names = [field.attname for field in fields]
        self.size = len(fields)
        self.key = self.names.index(model._meta.pk.attname)
        self.columns = ", ".join(
            f'"{alias if field.model._meta.db_table == own else field.model._meta.db_table}"."{field.column}"'
            for field in fields
        )
        # Field.get_db_converters is what ORM queries ask, too: JSON and StreamFields are told as text.
        self.conversions: list[tuple[int, list[Convert]]] = [
            (place, found) for place, field in enumerate(fields) if (found := field.get_db_converters(connection))
        ]

    def instance(self, row: Sequence[Any], start: int = 0) -> M | None:
        """Return the instance whose values begin there; None where an outer join found none."""
        values = list(row[start : start + self.size])
        if values[self.key] is None:
            return None
        for place, conversions in self.conversions:
            for convert in conversions:
                values[place] = convert(values[place], None, connection)
        return self.model.from_db(connection.alias, self.names, values)


def first_row(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return the first row that the statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def all_rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return every row that the statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
