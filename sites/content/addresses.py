"""Give many new siblings their addresses at once, each free among the children of one page.

Called by sites.content.bulk with the parent locked, so that what is free now is free until the commit.
"""

from collections.abc import Sequence

from django.db import connection
from wagtail.models import Page

from sites.common.slugs import RESERVED_SLUGS

# Children whose slug is a wish itself, or a wish with a number: both halves walk the index made for LIKE.
_TAKEN = """
SELECT c.slug FROM unnest(%s::text[]) AS w(wish) JOIN wagtailcore_page c ON c.slug = w.wish
WHERE c.depth = %s AND c.path LIKE %s
UNION ALL
SELECT c.slug FROM unnest(%s::text[]) AS w(wish) JOIN wagtailcore_page c
  ON c.slug ~>=~ (w.wish || '-') AND c.slug ~<~ (w.wish || '.')
WHERE c.depth = %s AND c.path LIKE %s
"""


def free_slugs(parent: Page, wishes: Sequence[str]) -> list[str]:
    """Return a slug for each wish: the wish, or the wish with the first free number from 2 up, as Wagtail does it."""
    taken = set() if parent.is_leaf() else _taken(parent, sorted(set(wishes)))
    next_number: dict[str, int] = {}
    found = []
    for wish in wishes:
        slug, number = wish, next_number.get(wish, 2)
        while slug in taken or slug in RESERVED_SLUGS:
            slug, number = f"{wish}-{number}", number + 1
        next_number[wish] = number
        taken.add(slug)
        found.append(slug)
    return found


def _taken(parent: Page, wishes: list[str]) -> set[str]:
    where = [wishes, parent.depth + 1, parent.path + "%"]
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, where * 2)
        return {row[0] for row in cursor.fetchall()}
