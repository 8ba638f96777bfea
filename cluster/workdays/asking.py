"""Ask the calendar: the package's holidays, overridden by the notices that the office entered.

Called by everything that counts days. Whoever counts for many items takes `current_calendar()` once: each call asks the
database for the notices (a handful of rows), so that what the office enters counts from the next question on.
"""

from datetime import date, datetime
from functools import lru_cache

from chinese_calendar import constants
from django.db.models import Q

from cluster.workdays.calendar import Due, WorkCalendar, overridden

# id, number, year, whole year?, days off, working weekends
NoticeRow = tuple[int, str, int, bool, tuple[date, ...], tuple[date, ...]]


@lru_cache(maxsize=1)
def package_calendar() -> WorkCalendar:
    """Return what the package knows: the State Council's notices up to the one it was released for."""
    return WorkCalendar(
        frozenset(constants.holidays), frozenset(constants.workdays), date(max(constants.holidays).year, 12, 31)
    )


@lru_cache(maxsize=64)
def _with_notices(rows: tuple[NoticeRow, ...]) -> WorkCalendar:
    calendar = package_calendar()
    # Years in their order, so that a chain of notices counts as known whichever was entered first; then as entered.
    for _, number, year, whole_year, days_off, working_weekends in sorted(rows, key=lambda row: (row[2], row[0])):
        calendar = overridden(
            calendar,
            number=number,
            year=year,
            whole_year=whole_year,
            days_off=days_off,
            working_weekends=working_weekends,
        )
    return calendar


def _read(condition: Q) -> WorkCalendar:
    from cluster.workdays.models import HolidayNotice

    rows = HolidayNotice.objects.filter(condition).order_by("id")
    fields = rows.values_list("id", "number", "year", "whole_year", "days_off", "working_weekends")
    return _with_notices(tuple((*row[:4], tuple(row[4]), tuple(row[5])) for row in fields))


def current_calendar() -> WorkCalendar:
    """Return the calendar with every notice that stands now."""
    return _read(Q(withdrawn_at=None))


def calendar_at(moment: datetime) -> WorkCalendar:
    """Return the calendar as the product knew it at that moment, for evaluations of the past."""
    standing = Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment)
    return _read(Q(entered_at__lte=moment) & standing)


def known_until() -> date:
    """Return the last day for which the holidays are known."""
    return current_calendar().known_until


def is_workday(day: date) -> bool:
    """Whether people work on this day."""
    return current_calendar().is_workday(day)


def add_workdays(day: date, number: int) -> date:
    """Return the nth working day after `day`."""
    return current_calendar().add_workdays(day, number)


def workdays_between(start: date, end: date) -> int:
    """Return how many working days lie after `start` up to and including `end`."""
    return current_calendar().workdays_between(start, end)


def limit_end(start: date, number: int, unit: str = "days") -> Due:
    """Return the last day of a limit of so many `days` or `workdays` after `start`."""
    return current_calendar().limit_end(start, number, unit)
