"""Items and laws for tests of the inspection: published on days of the past, in columns of the test's own law."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from django.utils import timezone

from cluster.column_templates.law import ColumnLaw, Law, SiteLaw, UpdateLimit
from cluster.inspection import moment
from cluster.inspection.evaluation import Evaluation, evaluate
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.models import ColumnRecord, HomeRecord
from cluster.inspection.verdict import Verdict
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from cluster.workdays.calendar import SATURDAY, WorkCalendar

_pages = iter(range(2_000_000_000, 2_100_000_000))


def noon(day: date) -> datetime:
    """Return noon of a Chinese day."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def days_ago(number: int) -> datetime:
    """Return noon of the day so many days ago; the present for today."""
    now = timezone.now()
    return now if number == 0 else noon(timezone.localdate(now) - timedelta(days=number))


def put_item(site: Subsite, column: str, ago: int = 0, **fields: object) -> Resource:
    """Put an item into the registry that was first published so many days ago; inspection reads nothing else."""
    at = days_ago(ago)
    values = {
        "site": site,
        "page_id": next(_pages),
        "page_type": "content.ArticlePage",
        "state": "published",
        "title": f"{column} {ago}天前的信息",
        "path": f"/{column}/{uuid.uuid4().hex[:8]}/",
        "column_code": column,
        "source": site.name,
        "published_at": at,
        "first_published_at": at,
        "content_hash": uuid.uuid4().hex * 2,
    }
    return Resource.objects.create(**{**values, **fields})


def column(code: str, name: str, *, within: int | None = None, unit: str = "days", warn: int = 3, **words: object):
    """Return the law of one column; with `within` it has an update limit."""
    law = ColumnLaw(
        code=code,
        name=name,
        column_class="periodic",
        column_type=name,
        description=name,
        keywords=name,
        menu=True,
        update=UpdateLimit(within, unit, warn, "warning", "检查指标") if within else None,
    )
    return replace(law, **words)


def law_of(*columns: ColumnLaw, home: tuple[str | dict[str, str], ...] = ()) -> Law:
    """Return a law that demands these columns of every kind of site; a code in `home` is a list of the column."""
    by_code = {one.code: one for one in columns}
    kinds = ("province", "city", "county", "department", "body")
    blocks = tuple(block if isinstance(block, dict) else {"type": "column_list", "column": block} for block in home)
    return Law(7, {kind: SiteLaw(kind, columns, blocks, by_code) for kind in kinds})


def stand_as(law: Law, *sites: Subsite) -> None:
    """Let the recorded columns of the sites be just those of the law, as it has them, and their home pages as it plants them."""
    for site in sites:
        columns = law.of(site.kind).columns
        ColumnRecord.objects.filter(site=site).exclude(code__in=[one.code for one in columns]).delete()
        for one in columns:
            words = {"column_class": one.column_class, "column_type": one.column_type, "in_menu": one.menu}
            ColumnRecord.objects.filter(site=site, code=one.code).update(name=one.name, parent_code=one.parent, **words)
        HomeRecord.objects.filter(site=site).delete()


def _every_day() -> WorkCalendar:
    """Return a calendar without rest days, so that no test depends on the weekday on which it runs."""
    first = date(timezone.localdate().year - 3, 1, 1)
    days = (first + timedelta(days=number) for number in range(366 * 6))
    return WorkCalendar(frozenset(), frozenset(day for day in days if day.weekday() >= SATURDAY), date.max)


@contextmanager
def under(law: Law, calendar: WorkCalendar | None = None) -> Iterator[None]:
    """Let this law be in force, now and on every day of the past; every day is worked but by another calendar."""
    days = calendar or _every_day()
    with (
        patch.object(moment, "current_law", lambda: law),
        patch.object(moment, "law_at", lambda at: law),
        patch.object(moment, "current_calendar", lambda: days),
        patch.object(moment, "calendar_at", lambda at: days),
    ):
        yield


def column_of(found: Evaluation, site: Subsite, code: str) -> ColumnVerdict:
    """Return the verdict on a column of the site."""
    return next(one for one in found.columns[site.pk] if one.law.code == code)


def rule_of(site: Subsite, rule_id: str, found: Evaluation | None = None) -> Verdict:
    """Return the verdict of a rule on the site."""
    found = found or evaluate()
    return next(one for one in found.verdicts[site.pk] if one.rule_id == rule_id)
