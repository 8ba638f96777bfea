"""Page numbers are given once: the numbers of a restored site go on above all that registry and ledger remember of it.

Called by the nightly check, migrate_cluster and repair_sites; a trigger of every site does the same before a page is inserted, as
far as registry and records tell. A new item under an old number would inherit the first publication of whoever had it, and stand
in the ledger as that page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from cluster.resources.contributions import Contribution, Guard

# Page ids are four bytes wide; a nonsensical number far above what a site ever reaches must not use them up.
_SENSIBLE = 2_000_000_000
_FUNCTIONS = Path(__file__).parent / "sql" / "page_numbers.sql"
_BEHIND = """
WITH site AS (
    SELECT id, code, schema_name, pg_get_serial_sequence(format('%%I.wagtailcore_page', schema_name), 'id')::regclass AS numbers
    FROM public.subsites_subsite
    WHERE schema_name = ANY(%(names)s) AND to_regclass(format('%%I.wagtailcore_page', schema_name)) IS NOT NULL
), told AS (
    SELECT site_code, split_part(detail->>'page', ':', 2)::numeric AS number FROM public.audit_ledgerentry
    WHERE site_code IN (SELECT code FROM site) AND detail->>'page' ~ ':[0-9]{1,18}$'
), used AS (
    SELECT site.id, r.page_id::numeric AS number FROM site JOIN public.resources_resource r ON r.site_id = site.id
    UNION ALL SELECT site.id, c.page_id FROM site JOIN public.inspection_columnrecord c ON c.site_id = site.id
    UNION ALL SELECT site.id, told.number FROM site JOIN told ON told.site_code = site.code
), highest AS (SELECT id, max(number)::bigint AS number FROM used WHERE number < %(sensible)s GROUP BY id)
SELECT schema_name, numbers::text, coalesce(pg_sequence_last_value(numbers), 0), highest.number
FROM site JOIN highest USING (id) WHERE highest.number > coalesce(pg_sequence_last_value(numbers), 0) ORDER BY schema_name
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """A site whose next page would get a number that another page had."""

    schema_name: str
    sequence: str
    last: int
    highest: int


def contribution() -> Contribution:
    """Return the trigger that lets no page have an old number."""
    functions = _FUNCTIONS.read_text(encoding="utf-8").replace("{sensible}", str(_SENSIBLE))
    guard = Guard("wagtailcore_page", "qz_page_numbers", "qz_page_numbers", ("INSERT",), before=True, each_row=False)
    return Contribution(functions, (guard,))


def behind(schema_names: Iterable[str]) -> list[Behind]:
    """Return those of the sites whose page numbers lie below one that was given before."""
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, {"names": list(schema_names), "sensible": _SENSIBLE})
        return [Behind(*row) for row in cursor.fetchall()]


def lift(schema_names: Iterable[str]) -> list[Behind]:
    """Let the page numbers of these sites go on above all that were given before; return where that was needed."""
    found = behind(schema_names)
    with connection.cursor() as cursor:
        for one in found:
            cursor.execute(
                "SELECT setval(%(to)s, greatest(%(highest)s, pg_sequence_last_value(%(to)s)))",
                {"to": one.sequence, "highest": one.highest},
            )
    return found
