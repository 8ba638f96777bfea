"""Write a site's home page and put its planted columns in order, as the comparison says; note what was planted.

Called by fitting, inside its transaction that the lock lets through.
"""

import json
from collections.abc import Mapping, Sequence

from django.db import connection
from wagtail.models import Page

from cluster.column_templates.homes import raw_blocks
from cluster.column_templates.law import ColumnLaw, SiteLaw
from cluster.column_templates.ordering import Placed, new_places
from cluster.column_templates.steps import Action, Comparison, Step
from sites.columns.models import ColumnPage, HomePage

STEP = Page.steplen
SETTING_DOWN = (Action.PLANT, Action.TAKE_OVER, Action.MOVE)
# Each child of a parent: its path, its code if it is a column, and the number of pages that move with it.
_CHILDREN = """
SELECT left(p.path, %(length)s), max(c.code) FILTER (WHERE length(p.path) = %(length)s), count(*)
FROM wagtailcore_page p LEFT JOIN columns_columnpage c ON c.page_ptr_id = p.id
WHERE p.path LIKE %(below)s AND length(p.path) >= %(length)s GROUP BY 1
"""
_MOVE = """
UPDATE wagtailcore_page AS p SET path = moved.new || substr(p.path, %(length)s + 1)
FROM unnest(%(old)s::text[], %(new)s::text[]) AS moved (old, new)
WHERE left(p.path, %(length)s) = moved.old AND p.path LIKE %(below)s
"""


def put_in_order(laws: Mapping[str, ColumnLaw], step: Step) -> None:
    """Bring the planted columns below one parent (`step.code`; none: the home page) into the order of the law."""
    parent = ColumnPage.objects.get(code=step.code) if step.code else HomePage.objects.get()
    codes = [law.code for law in laws.values() if law.parent == step.code]
    asked = {"length": len(parent.path) + STEP, "below": f"{parent.path}%"}
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN, asked)
        children = {path: (code, pages) for path, code, pages in cursor.fetchall()}
        there = {code: Placed(code, _place(path), pages) for path, (code, pages) in children.items() if code}
        moved = new_places([there[code] for code in codes], set(map(_place, children)))
        paths = [(_path(parent, there[code].place), _path(parent, place)) for code, place in moved.items()]
        if paths:
            # In one statement, onto numbers that nobody has: names, addresses and what stands below stay as they are.
            cursor.execute(_MOVE, {**asked, "old": [old for old, _ in paths], "new": [new for _, new in paths]})


def _place(path: str) -> int:
    return int(Page._str2int(path[-STEP:]))


def _path(parent: Page, place: int) -> str:
    return str(Page._get_path(parent.path, parent.depth + 1, place))


def write_home(comparison: Comparison) -> None:
    """Write the blocks; what is published in the name of the template is a revision, too, if the site keeps any."""
    home = HomePage.objects.get()
    home.blocks = json.dumps(comparison.home_blocks, ensure_ascii=False)
    if home.latest_revision_id is None or home.has_unpublished_changes:
        home.save(clean=False, update_fields=["blocks"])
        return
    home.save_revision(clean=False, log_action=False).publish(log_action=False, skip_permission_checks=True)


def note_planted(law: SiteLaw, columns: Sequence[ColumnLaw], steps: Sequence[Step]) -> None:
    """Note what the template says of home page and order, so that a later version knows what the site changed.

    And under which slug each column was planted: one that nobody has just set down anew stays as it was noted.
    """
    known = (HomePage.objects.values_list("planted_as", flat=True).first() or {}).get("slugs", {})
    anew = {step.code for step in steps if step.action in SETTING_DOWN}
    planted = ColumnPage.objects.filter(planted=True).order_by("code").values_list("code", "slug")
    slugs = {code: slug if code in anew else known.get(code, slug) for code, slug in planted}
    noted = {"blocks": raw_blocks(law.home), "order": [column.code for column in columns], "slugs": slugs}
    HomePage.objects.exclude(planted_as=noted).update(planted_as=noted)
