"""Worker task: look again at documents whose validity turns with the calendar (施行, 失效, 废止 on a day to come).

Puts a mark on each; the projection then works the new validity out, so that the rule stands in one place.
"""

from django.db import connection
from django.utils import timezone


class TurnValidities:
    """Mark the documents whose day has come."""

    name = "validity"
    interval = 300.0

    def run(self) -> bool:
        """Return whether there was one."""
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO public.resources_mark (schema_name, scope, object_id)
                   SELECT s.schema_name, 'page', r.page_id
                   FROM public.resources_resource r JOIN public.subsites_subsite s ON s.id = r.site_id
                   WHERE r.state = 'published' AND r.validity_until <= %s
                     AND NOT EXISTS (SELECT 1 FROM public.resources_mark m
                                     WHERE m.schema_name = s.schema_name AND m.scope = 'page' AND m.object_id = r.page_id)""",
                [timezone.localdate()],
            )
            return bool(cursor.rowcount)


turn_validities = TurnValidities()
