"""Rules about the limits of official documents (R19, R20): public in time after they were made, interpreted in time after that.

The law says for each column how many days there are, since when and how much it weighs; each rule asks the registry in one query.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.vocabulary import Check, Companion, ItemField
from cluster.inspection.facts import Facts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.rules.asking import Demand, RegistryRule
from cluster.inspection.rules.documents import DISCLOSURE, DOCUMENTS, MIRROR, SAME, THE_DOCUMENT, ZONE
from cluster.inspection.verdict import Verdict
from cluster.workdays.calendar import ONE_DAY, WorkCalendar

Columns = Mapping[int, list[ColumnVerdict]]
# Where the law of a column says nothing else: §26 of the regulation, since the day on which it came into force.
DISCLOSURE_WORKDAYS, DISCLOSURE_SINCE = 20, date(2019, 5, 15)
PLACE = "item.site_id || '/' || item.column_code"
DAY = "(item.first_at AT TIME ZONE %(zone)s)::date"
DAYS = f"coalesce((%(limits)s::jsonb->({PLACE})->>'days')::int, %(days)s)"
SINCE = f"coalesce((%(limits)s::jsonb->({PLACE})->>'since')::date, %(since)s)"
UNTIL = f"coalesce((%(limits)s::jsonb->({PLACE})->>'until')::date, 'infinity')"

# `numbers` has for each day since `first` how many working days there were up to it; what was made before is later than any limit.
DISCLOSED = RegistryRule(
    "R19",
    {
        "in_time": Demand(
            f"""{DAY} BETWEEN {SINCE} AND {UNTIL} AND {DAY} - r.pub_date > {DAYS}
                AND (r.pub_date < %(first)s::date OR (%(numbers)s::int[])[{DAY} - %(first)s::date + 1]
                     - (%(numbers)s::int[])[r.pub_date - %(first)s::date + 1] > {DAYS})""",
            ("published_at.within_workdays_of",),
        )
    },
    f"{DISCLOSURE}第二十六条",
    good="各份文件在成文后的期限内公开。",
    bad="份文件成文后超过期限才公开",
    cure="今后请在文件成文后及时公开；成文日期填错的请更正。",
    among=f"{DOCUMENTS} AND r.pub_date IS NOT NULL",
    shown=f"jsonb_build_object('written_on', r.pub_date, 'first_published_on', {DAY}, 'workdays', {DAYS})",
    values={**THE_DOCUMENT, **ZONE, "days": DISCLOSURE_WORKDAYS, "since": DISCLOSURE_SINCE},
)
INTERPRETS = "l.kind = 'interprets'"
INTERPRETED = RegistryRule(
    "R20",
    {
        "document": Demand(
            f"""(r.page_type = %(interpretation)s OR item.first_at < (%(explaining)s::jsonb->>({PLACE}))::timestamptz)
                AND NOT EXISTS (
                    SELECT 1 FROM public.resources_resourcelink l JOIN public.resources_resource o
                      ON o.site_id = l.target_site_id AND o.page_id = l.target_page_id AND o.state = 'published'
                    WHERE l.source_id = r.id AND {INTERPRETS})""",
            ("document.companion",),
            "所解读的文件",
            is_weighed_by_law=True,
        ),
        "interpretation": Demand(
            f"""r.page_type = %(document)s AND item.first_at < (%(explained)s::jsonb->>({PLACE}))::timestamptz
                AND NOT EXISTS (
                    SELECT 1 FROM public.resources_resourcelink l JOIN public.resources_resource o ON o.id = l.source_id
                    WHERE l.target_site_id = r.site_id AND l.target_page_id = r.page_id AND {INTERPRETS}
                      AND o.state = 'published')""",
            ("interpretation.companion",),
            "政策解读",
            is_weighed_by_law=True,
        ),
    },
    "国办秘函〔2019〕19号 解读关联；国办发〔2016〕80号",
    good="政策文件与解读互相关联。",
    bad="条政策文件或解读没有互相关联",
    cure="请用“政策解读”页面发布解读，并选择所解读的文件；应当解读的文件请补发解读。",
    # Mirrors have no links of their own: their originals have, and are judged.
    among=f"""(r.page_type IN (%(document)s, %(interpretation)s) OR jsonb_exists(%(explaining)s::jsonb, {PLACE}))
        AND NOT (r.page_type = %(document)s AND {MIRROR})
        AND NOT EXISTS (
            SELECT 1 FROM public.resources_resource o JOIN public.resources_resourcelink l ON l.source_id = o.id AND {INTERPRETS}
            WHERE o.site_id = r.site_id AND o.page_type = r.page_type AND o.title = r.title AND o.id <> r.id
              AND o.state = 'published' AND {SAME})""",
    shown=f"""jsonb_build_object('first_published_on', {DAY},
        'kind', CASE WHEN r.page_type = %(document)s THEN '缺解读' ELSE '缺所解读的文件' END)""",
    values={**THE_DOCUMENT, **ZONE, "interpretation": settings.INTERPRETATION_PAGE},
)


def disclosure_in_time(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R19: from its making to its first publication a document takes at most the working days that its column allows."""
    limits = {f"{site_id}/{code}": limit for site_id, code, column in _places(facts) if (limit := _limit(column))}
    longest = max([DISCLOSURE_WORKDAYS, *(limit["days"] for limit in limits.values())])
    since = min([DISCLOSURE_SINCE, *(date.fromisoformat(limit["since"]) for limit in limits.values())])
    # No spell of so many working days is longer than this.
    first = since - timedelta(days=2 * longest + 60)
    values = {
        "limits": json.dumps(limits),
        "first": first,
        "numbers": "{" + ",".join(map(str, _numbers(facts.moment.calendar, first, facts.moment.day))) + "}",
    }
    return replace(DISCLOSED, values={**DISCLOSED.values, **values}).verdicts(facts)


def _limit(column: ColumnLaw) -> dict[str, Any] | None:
    """Return how many working days a column allows after the making, and on which days of publication that is asked."""
    for rule in column.items:
        if (rule.field, rule.check) == (ItemField.PUBLISHED_AT, Check.WITHIN_WORKDAYS_OF):
            other, days = rule.argument
            if other == ItemField.WRITTEN_ON:
                since, until = rule.valid_from or DISCLOSURE_SINCE, rule.valid_to
                return {"days": days, "since": since.isoformat(), **({"until": until.isoformat()} if until else {})}
    return None


def _numbers(calendar: WorkCalendar, first: date, last: date) -> Iterator[int]:
    number = 0
    for day in range((last - first).days + 1):
        number += calendar.is_workday(first + day * ONE_DAY)
        yield number


def interpretations(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R20: an interpretation names a document that citizens can read, and a document that must be interpreted is, in time.

    Whatever stands in a column whose law wants a document beside each item is an interpretation, also a plain article.
    """
    values = {
        "explained": json.dumps(_cutoffs(facts, Companion.INTERPRETATION)),
        "explaining": json.dumps(_cutoffs(facts, Companion.DOCUMENT)),
    }
    return replace(INTERPRETED, values={**INTERPRETED.values, **values}).verdicts(facts)


def _places(facts: Facts) -> Iterator[tuple[int, str, ColumnLaw]]:
    """Yield every column of the sites with the law that it obeys: its own, or that of the one above a site's own column."""
    for site in facts.sites:
        law = facts.moment.law.of(site.kind)
        for code in {*law.by_code, *facts.records.get(site.pk, {})}:
            column = law.column(facts.template_code(site, code))
            if column:
                yield site.pk, code, column


def _cutoffs(facts: Facts, companion: Companion) -> dict[str, str]:
    """Return site/column → the moment before which an item is published too long ago to be without its companion."""
    found: dict[str, str] = {}
    known: dict[tuple[int, str], str] = {}
    for site_id, code, column in _places(facts):
        for rule in column.companions:
            if rule.companion == companion:
                key = (rule.within, rule.unit)
                if key not in known:
                    day = _first_in_time(facts.moment.calendar, facts.moment.day, *key)
                    known[key] = timezone.make_aware(datetime.combine(day, time.min)).isoformat()
                found[f"{site_id}/{code}"] = known[key]
    return found


def _first_in_time(calendar: WorkCalendar, today: date, within: int, unit: str) -> date:
    """Return the earliest day of an event whose limit is not over today."""
    day = today
    while not calendar.limit_end(day - timedelta(days=1), within, unit).is_past(today):
        day -= ONE_DAY
    return day


RULES = {"R19": disclosure_in_time, "R20": interpretations}
