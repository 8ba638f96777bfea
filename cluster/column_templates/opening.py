"""Open what the templates planted in one site, for the length of a block: the only way past the lock.

Called by planting, apply and repair, which run as the owner role; for the web role the database refuses the call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from cluster.subsites.models import Subsite

_opened: ContextVar[frozenset[str]] = ContextVar("qunzhan_opened_columns", default=frozenset())


@contextmanager
def opened(site: Subsite | str) -> Iterator[None]:
    """Let the block, a transaction or part of one, shape the columns of this site or schema.

    Raises ProgrammingError (permission denied) for every role but the owner.
    """
    schema_name = site if isinstance(site, str) else site.schema_name
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT public.qz_open_columns(%s)", [schema_name])
            is_first = cursor.fetchone()[0]
        token = _opened.set(_opened.get() | {schema_name})
        try:
            yield
        finally:
            _opened.reset(token)
        # A block that failed takes its opening with it.
        if is_first:
            with connection.cursor() as cursor:
                cursor.execute("SELECT public.qz_close_columns(%s)", [schema_name])


def is_opened(schema_name: str) -> bool:
    """Whether this thread has opened the columns of the schema; for early refusals only, the database judges by itself."""
    return schema_name in _opened.get()
