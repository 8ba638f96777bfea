"""Take off the held pages that still cannot be read, once somebody has looked and says that their content is broken.

Called by feed_status --take-off-unreadable. What can be read meanwhile is entered like any other change.
"""

from django.db import connection, transaction

from cluster.resources.holding import HELD, confirmed
from cluster.resources.projection_task import BATCH, MarkRow, forget_marks, project_marks_of


def take_off_held() -> int:
    """Work all marks that were put aside for held pages; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT schema_name FROM resources_mark WHERE parked_at IS NOT NULL AND error = %s", [HELD]
        )
        schemas = [row[0] for row in cursor.fetchall()]
    with confirmed():
        return sum(_work(schema_name) for schema_name in sorted(schemas))


def _work(schema_name: str) -> int:
    """Work the marks of one site, a batch in each transaction."""
    count, after = 0, 0
    while True:
        with transaction.atomic():
            marks = _claim(schema_name, after)
            if not marks:
                return count
            forget_marks(project_marks_of(schema_name, marks).done)
        count, after = count + len(marks), marks[-1][0]


def _claim(schema_name: str, after: int) -> list[MarkRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, scope, object_id FROM resources_mark
               WHERE schema_name = %s AND parked_at IS NOT NULL AND error = %s AND id > %s
               ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
            [schema_name, HELD, after, BATCH],
        )
        return cursor.fetchall()
