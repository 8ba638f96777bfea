"""Homes note what the template planted: for those that stand, the newest version whose blocks they show, else the site's own."""

import json
import tomllib

from django.db import migrations, models

# Sites without a record of their own (moulds) follow the version in force.
_VERSIONS = """
SELECT v.number, v.sources::text, v.number = coalesce(
    (SELECT sv.version FROM public.column_templates_siteversion sv JOIN public.subsites_subsite s ON s.id = sv.site_id
     WHERE s.schema_name = %s),
    (SELECT number FROM public.column_templates_templateversion WHERE state = 'current'))
FROM public.column_templates_templateversion v WHERE v.state <> 'draft' ORDER BY v.number DESC
"""


def _kind_of(schema_name: str, cursor) -> str:
    if schema_name.startswith("base_"):
        return schema_name.removeprefix("base_")
    cursor.execute("SELECT kind FROM public.subsites_subsite WHERE schema_name = %s", [schema_name])
    row = cursor.fetchone()
    return row[0] if row else ""


def _said(text: str) -> tuple[list, list]:
    """Return blocks and columns of a kind's text; the order of children below each parent is that of the list."""
    data = tomllib.loads(text)
    blocks = [
        {"type": block["type"], "value": {word: value for word, value in block.items() if word != "type"}}
        for block in data.get("home", [])
    ]
    return blocks, data.get("columns", [])


def note_what_was_planted(apps, schema_editor) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT blocks::text FROM columns_homepage")
        home = cursor.fetchone()
        cursor.execute("SELECT to_regclass('public.column_templates_templateversion')")
        if home is None or cursor.fetchone()[0] is None:
            return
        stored = [{"type": block["type"], "value": block["value"]} for block in json.loads(home[0]) or []]
        kind = _kind_of(connection.schema_name, cursor)
        cursor.execute(_VERSIONS, [connection.schema_name])
        versions = [
            (*_said(json.loads(sources)[f"{kind}.toml"]), own)
            for _, sources, own in cursor.fetchall()
            if f"{kind}.toml" in json.loads(sources)
        ]
        if not versions:
            return
        blocks = next((blocks for blocks, _, _ in versions if blocks == stored), None)
        own_blocks, order = next(((blocks, order) for blocks, order, own in versions if own), versions[0][:2])
        cursor.execute("SELECT public.qz_open_columns(%s)", [connection.schema_name])
        cursor.execute(
            "UPDATE columns_homepage SET planted_as = %s::jsonb",
            [json.dumps({"blocks": own_blocks if blocks is None else blocks, "order": order}, ensure_ascii=False)],
        )
        cursor.execute("SELECT public.qz_close_columns(%s)", [connection.schema_name])


class Migration(migrations.Migration):
    dependencies = [("columns", "0002_planted")]

    operations = [
        migrations.AddField(
            model_name="homepage",
            name="planted_as",
            field=models.JSONField(blank=True, db_default={}, default=dict, editable=False, verbose_name="模板所设"),
        ),
        migrations.RunPython(note_what_was_planted, migrations.RunPython.noop),
    ]
