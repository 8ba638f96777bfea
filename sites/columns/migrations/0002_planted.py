"""Marks of the lock: what the templates planted before there was a lock is marked; what sites set up themselves may stay there."""

from django.db import migrations, models

# What each kind of site was planted with when this migration was written.
_EVERY = {
    *("dtyw", "tzgg", "zc", "zcwj", "zcjd", "bsfw", "bmfw", "hdjl"),
    *("ldxj", "yjzj", "hfxd", "gk", "jgzn", "ldxx", "gywm", "wzasm"),
}
_AUTHORITY = _EVERY | {"grbs", "frbs", "xxgk", "xxgkzn", "xxgkzd", "fdzdgk", "xxgknb", "ysqgk", "sjfb"}
CODES = {
    "province": _AUTHORITY | {"dsdt", "tjdt", "flfg"},
    "city": _AUTHORITY | {"xqdt", "flfg"},
    "county": _AUTHORITY,
    "department": _AUTHORITY - {"bmfw"},
    "body": _EVERY,
    "console": set(),
}


def kind_of(connection) -> str:
    """Return the kind of site of the schema that is being migrated; empty for a bare one."""
    name = connection.schema_name
    if name.startswith("base_"):
        return name.removeprefix("base_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM public.subsites_subsite WHERE schema_name = %s", [name])
        row = cursor.fetchone()
    return row[0] if row else ""


def mark_planted(apps, schema_editor) -> None:
    """Mark planted columns by their codes, and let every column stay below the page where it stands."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE columns_columnpage AS c SET planted = c.code = ANY(%s), placed_under = parent.id
               FROM wagtailcore_page p JOIN wagtailcore_page parent ON parent.path = left(p.path, -4)
               WHERE p.id = c.page_ptr_id""",
            [sorted(CODES.get(kind_of(connection), ()))],
        )


class Migration(migrations.Migration):
    dependencies = [("columns", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="columnpage",
            name="open_below",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="可自设下级栏目"),
        ),
        migrations.AddField(
            model_name="columnpage",
            name="placed_under",
            field=models.BigIntegerField(editable=False, null=True, verbose_name="固定上级"),
        ),
        migrations.AddField(
            model_name="columnpage",
            name="planted",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="统一栏目"),
        ),
        migrations.RunPython(mark_planted, migrations.RunPython.noop),
    ]
