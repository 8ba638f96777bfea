"""Facts: sites, columns, items, waivers and duties at one moment, from a handful of set-based queries.

Read by `evaluation`. The present comes from the registry; a day of the past from the ledger's publications and withdrawals, joined
with the registry for the day of first publication, and from the history of ColumnRecord. No site's schema is entered.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from cluster.column_templates.standing import NONE, StandingWaiver, Waivers, standing_waivers
from cluster.inspection.models import ColumnDuty, ColumnRecord, DutyRecord, HomeRecord
from cluster.inspection.moment import Moment
from cluster.subsites.models import PUBLIC_STATES, SiteState


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site as it was."""

    pk: int
    code: str
    name: str
    kind: str
    state: str
    parent_id: int | None
    region_id: str | None
    id_code: str
    host: str

    @property
    def is_public(self) -> bool:
        """Whether citizens could read it."""
        return self.state in PUBLIC_STATES


@dataclass(frozen=True, slots=True)
class Items:
    """What stands directly in one column: how many, and the one that was first published last."""

    count: int = 0
    last_at: datetime | None = None
    resource_id: str = ""
    title: str = ""
    path: str = ""
    site_id: int = 0

    def with_others(self, others: Iterable["Items"]) -> "Items":
        """Return these and others as one: the sum, and the newest."""
        every = [self, *others]
        dated = [one for one in every if one.last_at is not None]
        newest = max(dated, key=lambda one: (one.last_at, one.resource_id)) if dated else self
        count = sum(one.count for one in every)
        return Items(count, newest.last_at, newest.resource_id, newest.title, newest.path, newest.site_id)


@dataclass(frozen=True, slots=True)
class Drift:
    """How many items of a day of the past were revised since, and how many withdrawn or erased."""

    revised: int = 0
    withdrawn: int = 0

    @property
    def note(self) -> str:
        """Say what that means for verdicts on items; nothing where they are as they were."""
        revised = f"{self.revised}条信息此后修改过，按今天的内容判断" if self.revised else ""
        withdrawn = f"{self.withdrawn}条信息此后已撤回，没有判断" if self.withdrawn else ""
        return f"当日的{'；'.join(filter(None, (revised, withdrawn)))}。" if revised or withdrawn else ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules ask, keyed by site."""

    moment: Moment
    sites: tuple[SiteFacts, ...]
    # All that there were; `sites` are those that are asked about.
    every: tuple[SiteFacts, ...]
    records: Mapping[int, Mapping[str, ColumnRecord]]
    items: Mapping[int, Mapping[str, Items]]
    waivers: Mapping[int, Waivers]
    duties: Mapping[int, Mapping[str, ColumnDuty]]
    # Since when a column's text has been as it is, by record.
    texts_since: Mapping[tuple[int, str], datetime] = field(default_factory=dict)
    # The home page of each site of which one was seen.
    homes: Mapping[int, HomeRecord] = field(default_factory=dict)
    # On a day of the past: what of each site's items is known by today's content alone, or not at all.
    drift: Mapping[int, Drift] = field(default_factory=dict)
    # Since when the duties of a site are known, where that is later than the moment.
    duties_since: Mapping[int, datetime] = field(default_factory=dict)

    def template_code(self, site: SiteFacts, code: str) -> str:
        """Return the template's column at or above a column: a site's own column obeys the one above it, and so do its waivers."""
        law, records = self.moment.law.of(site.kind), self.records.get(site.pk, {})
        passed: set[str] = set()
        above = code
        while law.column(above) is None and above in records and above not in passed:
            passed.add(above)
            above = records[above].parent_code
        return above or code

    def waiver(self, site: SiteFacts, code: str, *rules: str) -> StandingWaiver | None:
        """Return what waives one of these rules in the column; a rule of the column's own is named by what follows its code."""
        waivers = self.waivers.get(site.pk, NONE)
        if not waivers:
            return None
        column = self.template_code(site, code) if code else ""
        return waivers.of(column, *(f"{column}{rule}" if rule.startswith(".") else rule for rule in rules))


# A line for each item that was published at the moment: id, site, column, first publication. Parameters: `_scope_values`.
ITEMS_NOW = """
item AS (SELECT id, site_id, column_code, coalesce(first_published_at, (
             SELECT min(l.at) FROM public.audit_ledgerentry l
             WHERE l.subject_type = 'resource' AND l.subject_id = resources_resource.id::text)) AS first_at
         FROM public.resources_resource WHERE state = 'published' AND (%(sites)s::bigint[] IS NULL OR site_id = ANY(%(sites)s)))"""
ITEMS_THEN = """
event AS (SELECT l.id, l.subject_id, l.action, l.site_code, l.content_hash, l.detail->>'column' AS column_code,
                 least(l.at, (l.detail->>'first')::timestamptz) AS at FROM public.audit_ledgerentry l
          WHERE l.subject_type = 'resource' AND l.at <= %(at)s AND (%(codes)s::text[] IS NULL OR l.site_code = ANY(%(codes)s))),
latest AS (SELECT DISTINCT ON (subject_id) * FROM event ORDER BY subject_id, id DESC),
first AS (SELECT subject_id, min(at) AS first_at FROM event WHERE action = 'publish' GROUP BY subject_id),
item AS (SELECT latest.subject_id::uuid AS id, s.id AS site_id, latest.column_code, latest.content_hash,
                least(r.first_published_at, first.first_at) AS first_at
         FROM latest JOIN first USING (subject_id) JOIN public.subsites_subsite s ON s.code = latest.site_code
              LEFT JOIN public.resources_resource r ON r.id = latest.subject_id::uuid
         WHERE latest.action IN ('publish', 'revise'))"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which items an evaluation looks at: `WITH {items} SELECT … FROM item`, executed with `values`."""

    items: str
    values: Mapping[str, Any]


def scope_of(moment: Moment, sites: Collection[SiteFacts] | None) -> Scope:
    """Return the items of these sites, or of all, at the moment."""
    return Scope(
        ITEMS_NOW if moment.is_now else ITEMS_THEN,
        {
            "at": moment.at,
            "sites": None if sites is None else [site.pk for site in sites],
            "codes": None if sites is None else [site.code for site in sites],
        },
    )


# What the ledger remembers of a site's record, with the type of its column.
REPLAYED = {"name": "text", "kind": "text", "parent_id": "bigint", "region_id": "text", "id_code": "text"}


def _as_it_was(name: str) -> str:
    """Return SQL for a field of a site's record at a moment of the past: what the first change after it replaced."""
    return f"""CASE WHEN EXISTS ({_change_after(name, "1")}) THEN ({_change_after(name, f"l.detail->'{name}'->>0")})::{REPLAYED[name]}
               ELSE s.{name} END"""


def _change_after(name: str, asked: str) -> str:
    return f"""SELECT {asked} FROM public.audit_ledgerentry l WHERE l.subject_type = 'site' AND l.action = 'site_changed'
               AND l.subject_id = s.code AND l.at > %(at)s AND jsonb_typeof(l.detail->'{name}') = 'array' ORDER BY l.id LIMIT 1"""


def read_sites(moment: Moment) -> tuple[SiteFacts, ...]:
    """Return the sites that were there and not closed; state and record of the past come from the ledger."""
    state, row = "s.state", {name: f"s.{name}" for name in REPLAYED}
    if not moment.is_now:
        row = {name: _as_it_was(name) for name in REPLAYED}
        state = """coalesce(
            (SELECT l.detail->>'to' FROM public.audit_ledgerentry l WHERE l.subject_type = 'site' AND l.action = 'site_state'
               AND l.subject_id = s.code AND l.at <= %(at)s ORDER BY l.id DESC LIMIT 1),
            (SELECT l.detail->>'from' FROM public.audit_ledgerentry l WHERE l.subject_type = 'site' AND l.action = 'site_state'
               AND l.subject_id = s.code AND l.at > %(at)s ORDER BY l.id LIMIT 1), s.state)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT s.id, s.code, {row["name"]}, {row["kind"]}, {state}, {row["parent_id"]}, {row["region_id"]}, {row["id_code"]},
                    coalesce((SELECT d.domain FROM public.subsites_domain d WHERE d.tenant_id = s.id
                              ORDER BY d.is_primary DESC, d.id LIMIT 1), s.code || '.' || %(suffix)s)
                FROM public.subsites_subsite s WHERE s.kind <> 'console' AND s.created_at <= %(at)s ORDER BY s.id""",
            {"at": moment.at, "suffix": settings.SITE_HOST_SUFFIX},
        )
        found = (SiteFacts(*row) for row in cursor.fetchall())
        return tuple(site for site in found if site.state != SiteState.CLOSED)


def read_items(scope: Scope) -> dict[int, dict[str, Items]]:
    """Return site → column → its items: counted, with the one that was first published last."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {scope.items},
                counted AS (SELECT site_id, column_code, count(*) AS number FROM item GROUP BY site_id, column_code),
                newest AS (SELECT DISTINCT ON (site_id, column_code) site_id, column_code, id, first_at FROM item
                           ORDER BY site_id, column_code, first_at DESC NULLS LAST, id)
                SELECT c.site_id, c.column_code, c.number, n.first_at, n.id::text, coalesce(r.title, ''), coalesce(r.path, '')
                FROM counted c JOIN newest n USING (site_id, column_code) LEFT JOIN public.resources_resource r ON r.id = n.id""",
            scope.values,
        )
        found: dict[int, dict[str, Items]] = defaultdict(dict)
        for site_id, code, count, last_at, resource_id, title, path in cursor.fetchall():
            found[site_id][code] = Items(count, last_at, resource_id, title, path, site_id)
    return found


def read_records(moment: Moment, site_ids: list[int]) -> dict[int, dict[str, ColumnRecord]]:
    """Return site → code → the column as it was."""
    standing = Q(until=None) | Q(until__gt=moment.at)
    found: dict[int, dict[str, ColumnRecord]] = defaultdict(dict)
    for record in ColumnRecord.objects.filter(standing, site_id__in=site_ids, since__lte=moment.at).order_by("place"):
        found[record.site_id][record.code] = record
    return found


def read_texts_since(moment: Moment, site_ids: list[int]) -> dict[tuple[int, str], datetime]:
    """Return (site, code) → since when the column's text is what it was at the moment; columns without a text left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT now.site_id, now.code, min(earlier.since) FROM public.inspection_columnrecord now
               JOIN public.inspection_columnrecord earlier
                 ON earlier.site_id = now.site_id AND earlier.page_id = now.page_id AND earlier.body_digest = now.body_digest
                AND earlier.since > coalesce((SELECT max(other.since) FROM public.inspection_columnrecord other
                    WHERE other.site_id = now.site_id AND other.page_id = now.page_id AND other.since <= now.since
                      AND other.body_digest <> now.body_digest), '-infinity')
               WHERE now.site_id = ANY(%s) AND now.since <= %s AND (now.until IS NULL OR now.until > %s) AND now.body_digest <> ''
                 AND earlier.since <= now.since
               GROUP BY now.site_id, now.code""",
            [site_ids, moment.at, moment.at],
        )
        return {(site_id, code): since for site_id, code, since in cursor.fetchall()}


def read_drift(moment: Moment, scope: Scope) -> dict[int, Drift]:
    """Return site → how far its items of a day of the past differ from what the registry holds now."""
    if moment.is_now:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {scope.items}
                SELECT item.site_id, count(*) FILTER (WHERE r.state = 'published' AND r.content_hash <> item.content_hash),
                       count(*) FILTER (WHERE r.state IS DISTINCT FROM 'published')
                FROM item LEFT JOIN public.resources_resource r ON r.id = item.id GROUP BY item.site_id""",
            scope.values,
        )
        return {site_id: Drift(*numbers) for site_id, *numbers in cursor.fetchall()}


def read_homes(moment: Moment, site_ids: list[int]) -> dict[int, HomeRecord]:
    """Return site → its home page at the moment."""
    standing = HomeRecord.objects.filter(Q(until=None) | Q(until__gt=moment.at), since__lte=moment.at)
    return {home.site_id: home for home in standing.filter(site_id__in=site_ids)}


def read_duties(moment: Moment, site_ids: list[int]) -> dict[int, dict[str, ColumnDuty]]:
    """Return site → column → who answers, or answered then, for it."""
    found: dict[int, dict[str, ColumnDuty]] = defaultdict(dict)
    duties: Iterable[ColumnDuty] = ColumnDuty.objects.filter(site_id__in=site_ids)
    if not moment.is_now:
        standing = DutyRecord.objects.filter(Q(until=None) | Q(until__gt=moment.at), since__lte=moment.at)
        duties = (record.as_duty() for record in standing.filter(site_id__in=site_ids).exclude(column_code=""))
    for duty in duties:
        found[duty.site_id][duty.column_code] = duty
    return found


def read_duties_since(moment: Moment, site_ids: list[int]) -> dict[int, datetime]:
    """Return site → since when its duties are known, of those sites where that was after the moment."""
    began = DutyRecord.objects.filter(site_id__in=site_ids, column_code="", since__gt=moment.at)
    return dict(began.values_list("site_id", "since"))


def read_facts(moment: Moment, codes: Collection[str] | None = None) -> Facts:
    """Read all facts of these sites, or of every site; the sites that feed a column of theirs are counted, too."""
    every = read_sites(moment)
    asked = every if codes is None else tuple(site for site in every if site.code in codes)
    ids = [site.pk for site in asked]
    records = read_records(moment, ids)
    feeding = {pk for pk in ids for record in records.get(pk, {}).values() if record.fed_by}
    counted = [site for site in every if site.pk in ids or site.parent_id in feeding]
    scope = scope_of(moment, None if codes is None else counted)
    return Facts(
        moment,
        asked,
        every,
        records,
        read_items(scope),
        standing_waivers(ids, moment.at),
        read_duties(moment, ids),
        read_texts_since(moment, ids),
        read_homes(moment, ids),
        read_drift(moment, scope),
        read_duties_since(moment, ids),
    )
