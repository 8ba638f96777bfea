"""Counts and addresses in the trees of all sites: each page knows its children, each address follows from the one above.

Asked by the nightly check (`guarding`). Whoever is the owner may write other numbers and addresses by SQL: below a page that says
that it has no children nobody can publish, and under another slug nobody finds a planted column any more.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from django.db import connection
from psycopg2 import sql
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from cluster.column_templates.foundations import Finding, PeopleDecide, attempt
from cluster.column_templates.opening import opened
from cluster.column_templates.trees import ask_each, tables_in, with_tables
from cluster.context import in_site
from cluster.subsites.models import Subsite

COUNT, ADDRESS, SLUG, NAME = "count", "address", "slug", "name"
WORDS = {
    COUNT: "的下级页面数与实际不符",
    ADDRESS: "的网页地址与所在栏目不符",
    SLUG: "的网页地址不是模板设立时的",
    NAME: "在浏览器标题栏另用了名称",
}
SHOWN = 5

_WRONG = f"""
SELECT {{name}} AS schema_name, '{COUNT}' AS what, p.id, p.title FROM {{pages}} p
LEFT JOIN (SELECT left(path, -4) AS above, count(*) AS number FROM {{pages}} WHERE depth > 1 GROUP BY 1) AS below
     ON below.above = p.path
WHERE p.numchild <> coalesce(below.number, 0)
UNION ALL
SELECT {{name}}, '{ADDRESS}', p.id, p.title FROM {{pages}} p JOIN {{pages}} parent ON parent.path = left(p.path, -4)
WHERE p.depth > 1 AND p.url_path <> parent.url_path || p.slug || '/'
UNION ALL
SELECT {{name}}, '{SLUG}', p.id, p.title FROM {{columns}} c JOIN {{pages}} p ON p.id = c.page_ptr_id CROSS JOIN {{homes}} h
WHERE c.planted AND h.planted_as->'slugs'->>c.code <> p.slug
UNION ALL
SELECT {{name}}, '{NAME}', p.id, p.title FROM {{columns}} c JOIN {{pages}} p ON p.id = c.page_ptr_id
WHERE c.planted AND p.seo_title <> ''
"""
_COUNTED = """
UPDATE {pages} p SET numchild = coalesce(below.number, 0) FROM {pages} q
LEFT JOIN (SELECT left(path, -4) AS above, count(*) AS number FROM {pages} WHERE depth > 1 GROUP BY 1) AS below
     ON below.above = q.path
WHERE q.id = p.id AND p.numchild <> coalesce(below.number, 0)
"""
_TAKEN = """
SELECT p.title, other.title FROM {columns} c JOIN {pages} p ON p.id = c.page_ptr_id CROSS JOIN {homes} h
JOIN {pages} other ON other.depth = p.depth AND left(other.path, -4) = left(p.path, -4) AND other.id <> p.id
WHERE c.planted AND other.slug = h.planted_as->'slugs'->>c.code AND h.planted_as->'slugs'->>c.code <> p.slug
"""
_NAMED = """
UPDATE {pages} p SET seo_title = '', slug = coalesce(h.planted_as->'slugs'->>c.code, p.slug)
FROM {columns} c CROSS JOIN {homes} h
WHERE c.page_ptr_id = p.id AND c.planted AND (p.seo_title, p.slug) <> ('', coalesce(h.planted_as->'slugs'->>c.code, p.slug))
"""
_MISADDRESSED = """
WITH RECURSIVE addressed AS (
    SELECT id, path, url_path AS address FROM {pages} WHERE depth = 1
    UNION ALL
    SELECT p.id, p.path, a.address || p.slug || '/' FROM {pages} p JOIN addressed a ON left(p.path, -4) = a.path
)
SELECT p.id, p.url_path, a.address FROM addressed a JOIN {pages} p USING (id) WHERE p.url_path <> a.address
"""
_ADDRESSED = """
UPDATE {pages} p SET url_path = moved.address FROM unnest(%s::bigint[], %s::text[]) AS moved (id, address)
WHERE p.id = moved.id
"""
# From now on it is known with which slugs the columns of a site from before were planted.
_NOTED = """
UPDATE {homes} h SET planted_as = h.planted_as || jsonb_build_object('slugs', found.slugs || coalesce(h.planted_as->'slugs', '{{}}'))
FROM (SELECT jsonb_object_agg(c.code, p.slug) AS slugs FROM {columns} c JOIN {pages} p ON p.id = c.page_ptr_id
      WHERE c.planted) AS found
WHERE h.planted_as <> '{{}}' AND found.slugs IS NOT NULL
  AND found.slugs || coalesce(h.planted_as->'slugs', '{{}}') <> coalesce(h.planted_as->'slugs', '{{}}')
"""
_UNNOTED = """
SELECT DISTINCT {name} AS schema_name FROM {columns} c CROSS JOIN {homes} h
WHERE c.planted AND h.planted_as <> '{{}}' AND NOT coalesce(h.planted_as->'slugs', '{{}}') ? c.code
"""


class AddressTaken(PeopleDecide):
    """The address of a planted column is another page's by now; people have to say which of them gives way."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Pages of one schema that are wrong in one way."""

    schema_name: str
    what: str
    titles: tuple[str, ...]

    def __str__(self) -> str:
        named = "、".join(f"“{title}”" for title in self.titles[:SHOWN])
        more = f"等 {len(self.titles)} 个页面" if len(self.titles) > SHOWN else ""
        return f"{named}{more}{WORDS[self.what]}"


def wrong_pages(schema_names: Iterable[str]) -> list[Wrong]:
    """Return what is wrong in these schemas; a few queries over all of them."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for schema_name, what, _, title in ask_each(_WRONG, with_tables(list(schema_names)), "schema_name, what, id"):
        found[schema_name, what].append(title)
    return [Wrong(schema_name, what, tuple(titles)) for (schema_name, what), titles in found.items()]


def put_right(site: Subsite) -> None:
    """Count and address the pages of one site, or mould, anew; an address that goes leads to the one that comes.

    Raises AddressTaken; then nothing has changed.
    """
    with opened(site), in_site(site), connection.cursor() as cursor:
        tables = tables_in(site.schema_name)
        cursor.execute(sql.SQL(_TAKEN).format(**tables))
        if taken := cursor.fetchone():
            raise AddressTaken("栏目“{}”的网页地址被页面“{}”占用，请网站先把该页面改用别的网址。".format(*taken))
        for statement in (_NAMED, _COUNTED, _MISADDRESSED):
            cursor.execute(sql.SQL(statement).format(**tables))
        moved = cursor.fetchall()
        to = [[page_id for page_id, _, _ in moved], [address for _, _, address in moved]]
        cursor.execute(sql.SQL(_ADDRESSED).format(**tables), to)
        _redirect(moved)


def note_slugs(sites: Iterable[Subsite]) -> None:
    """Note the slugs of planted columns where nobody did, as in sites from before they were noted."""
    names = with_tables([site.schema_name for site in sites])
    for (name,) in list(ask_each(_UNNOTED, names, "schema_name")):
        with opened(name), connection.cursor() as cursor:
            cursor.execute(sql.SQL(_NOTED).format(**tables_in(name)))


def _redirect(moved: list[tuple[int, str, str]]) -> None:
    """Lead from the addresses that went to those that came, where no page stands there by now."""
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None or not moved:
        return
    root = site.root_page.url_path
    ids, formers = [page_id for page_id, _, _ in moved], [former for _, former, _ in moved]
    live = set(Page.objects.filter(pk__in=ids, live=True).values_list("pk", flat=True))
    taken = set(Page.objects.filter(url_path__in=formers).values_list("url_path", flat=True))
    # One that leads to where it begins would lead nowhere.
    here = {(page_id, _inside(root, address)) for page_id, _, address in moved}
    rows = Redirect.objects.filter(redirect_page_id__in=ids).values_list("pk", "redirect_page_id", "old_path")
    Redirect.objects.filter(pk__in=[pk for pk, page_id, path in rows if (page_id, path) in here]).delete()
    Redirect.objects.bulk_create(
        [
            Redirect(site=site, old_path=_inside(root, former), redirect_page_id=page_id, automatically_created=True)
            for page_id, former, _ in moved
            if page_id in live and former.startswith(root) and former not in taken
        ],
        ignore_conflicts=True,
    )


def _inside(root: str, address: str) -> str:
    return str(Redirect.normalise_path("/" + address.removeprefix(root)))


def check_addresses(sites: Iterable[Subsite], *, repair: bool) -> list[Finding]:
    """Look at counts and addresses in sites and moulds."""
    by_schema = {site.schema_name: site for site in sites}
    if repair:
        note_slugs(by_schema.values())
    found = []
    for name, several in groupby(wrong_pages(by_schema), key=lambda wrong: wrong.schema_name):
        site, why, repaired = by_schema[name], "", False
        if repair:
            try:
                repaired = attempt(f"{name} 的网页地址和页面数", partial(put_right, site))
            except AddressTaken as taken:
                why = f"：{taken}"
        found += [Finding(site.code or name, f"{wrong}{why}", repaired) for wrong in several]
    return found
