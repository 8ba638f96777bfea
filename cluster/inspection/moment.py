"""Moment: the instant that an evaluation speaks of, with the law and the calendar that were in force then.

Made by `evaluation`; now, or the end of a day of the past.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F
from django.utils import timezone

from cluster.column_templates.current import current_law, law_of_version
from cluster.column_templates.law import Law
from cluster.column_templates.models import TemplateVersion
from cluster.workdays import WorkCalendar, calendar_at, current_calendar


class DayRefused(ValueError):
    """A day that cannot be evaluated; str() says why and what to do."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and by which rules."""

    at: datetime
    day: date
    is_now: bool
    law: Law
    calendar: WorkCalendar


def moment_of(day: date | None = None) -> Moment:
    """Return the present, or the end of a day of the past; raises DayRefused for a day to come."""
    now = timezone.now()
    today = timezone.localdate(now)
    if day is None or day == today:
        return Moment(now, today, True, current_law(), current_calendar())
    if day > today:
        raise DayRefused(f"{day:%Y-%m-%d} 还没有到。检查只能针对今天或以前的日子，请换一个日期。")
    at = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)
    return Moment(at, day, False, law_at(at), calendar_at(at))


def law_at(at: datetime) -> Law:
    """Return the law that was in force at that moment; before the first one, the first one."""
    versions = TemplateVersion.objects.exclude(applied_at=None)
    row = versions.filter(applied_at__lte=at).order_by("-applied_at", "-number").values_list("number", "digest").first()
    row = row or versions.order_by(F("applied_at"), "number").values_list("number", "digest").first()
    return law_of_version(*row) if row else current_law()
