"""A later migration: a column more, unless the test says that it fails in this schema."""

from django.db import migrations

from tests.support import later
from tests.support.faults import broken_in


def fail_where_told(apps, schema_editor):
    """Raise in the schemas that the test names."""
    error = broken_in.get(schema_editor.connection.schema_name)
    if error is not None:
        raise error


class Migration(migrations.Migration):
    """Add a column."""

    dependencies = [("content", later.LAST)]
    operations = [
        migrations.RunSQL("ALTER TABLE content_articlepage ADD COLUMN probe text", migrations.RunSQL.noop),
        migrations.RunPython(fail_where_told),
    ]
