"""Homes note what the template planted: for those that stand, what the newest version says that they look like."""

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


def _stands_so(order: list, groups: list) -> bool:
    """Whether the columns below each parent stand in the order of the list."""
    return all([code for code in order if code in there] == [code for code in there if code in order] for there in groups)


def note_what_was_planted(apps, schema_editor) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT blocks::text FROM columns_homepage")
        home = cursor.fetchone()
        cursor.execute("SELECT to_regclass('public.column_templates_templateversion')")
        if home is None or cursor.fetchone()[0] is None:
            return
        blocks = json.loads(home[0])
        stored = [{"type": block["type"], "value": block["value"]} for block in blocks if isinstance(blocks, list)]
        cursor.execute(
            """SELECT array_agg(c.code ORDER BY p.path) FROM columns_columnpage c JOIN wagtailcore_page p ON p.id = c.page_ptr_id
               WHERE c.planted GROUP BY left(p.path, -4)"""
        )
        groups = [codes for (codes,) in cursor.fetchall()]
        kind = _kind_of(connection.schema_name, cursor)
        cursor.execute(_VERSIONS, [connection.schema_name])
        rows = [(json.loads(sources).get(f"{kind}.toml"), own) for _, sources, own in cursor.fetchall()]
        versions = [(*_said(text), own) for text, own in rows if text]
        if not versions:
            return
        # The newest version that the site looks like; where it looks like none, the one that it was given.
        given = next((version for version in versions if version[2]), versions[0])
        said = next((version[0] for version in versions if version[0] == stored), given[0])
        order = next((version[1] for version in versions if _stands_so(version[1], groups)), given[1])
        cursor.execute("SELECT public.qz_open_columns(%s)", [connection.schema_name])
        cursor.execute(
            "UPDATE columns_homepage SET planted_as = %s::jsonb",
            [json.dumps({"blocks": said, "order": order}, ensure_ascii=False)],
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
