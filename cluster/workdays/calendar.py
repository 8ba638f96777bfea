"""WorkCalendar: which days are worked, and on which day a limit ends. Pure values; no queries.

Made by `asking` from the package's data and the notices of the console; asked by everything that counts days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a limit; it runs to midnight of Chinese time.

    `unmoved` is the end before a rest day moved it on: an extension is added to that. A provisional (暂定) day lies beyond
    the last holiday notice and is dated anew when the next one is entered.
    """

    day: date
    provisional: bool
    unmoved: date

    def is_past(self, today: date) -> bool:
        """Whether the limit is over on this day."""
        return today > self.day

    def days_left(self, today: date) -> int:
        """Return the calendar days to the end; negative once it is past."""
        return (self.day - today).days

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}{'（暂定）' if self.provisional else ''}"


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days off on weekdays and worked weekends, known up to and including `known_until`; beyond it, plain weeks."""

    days_off: frozenset[date]
    working_weekends: frozenset[date]
    known_until: date
    # Numbers of the notices that were taken in, for evidence.
    notices: tuple[str, ...] = field(default=())

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        if day.weekday() >= SATURDAY:
            return day in self.working_weekends
        return day not in self.days_off

    def next_workday(self, day: date) -> date:
        """Return the day itself, or the first working day after it."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def add_workdays(self, day: date, number: int) -> date:
        """Return the nth working day after `day`, which itself is not counted; before it, for a negative number."""
        step = ONE_DAY if number >= 0 else -ONE_DAY
        for _ in range(abs(number)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start` up to and including `end`; negative where `end` comes first."""
        if end < start:
            return -self.workdays_between(end, start)
        return sum(1 for day in days_after(start, end) if self.is_workday(day))

    def limit_end(self, start: date, number: int, unit: str = "days") -> Due:
        """Return the last day of a limit of so many `days` or `workdays` after `start`, whose day is not counted.

        Raises ValueError for another unit or a negative number.
        """
        if number < 0 or unit not in ("days", "workdays"):
            raise ValueError(f"a limit of {number} {unit}")
        unmoved = start + number * ONE_DAY if unit == "days" else self.add_workdays(start, number)
        return self._due(unmoved)

    def extended(self, due: Due, number: int, unit: str = "days") -> Due:
        """Return the end after an extension, which is added to the unmoved end."""
        return self.limit_end(due.unmoved, number, unit)

    def annual(self, year: int, month: int, day: int) -> Due:
        """Return a fixed date of the year (01-31, 03-31); it stands even on a rest day and is never provisional."""
        fixed = date(year, month, day)
        return Due(fixed, provisional=False, unmoved=fixed)

    def _due(self, unmoved: date) -> Due:
        moved = self.next_workday(unmoved)
        return Due(moved, provisional=moved > self.known_until, unmoved=unmoved)


def days_after(start: date, end: date) -> Iterator[date]:
    """Yield the days after `start` up to and including `end`."""
    for number in range(1, (end - start).days + 1):
        yield start + number * ONE_DAY


def overridden(
    calendar: WorkCalendar,
    *,
    number: str,
    year: int,
    whole_year: bool,
    days_off: Iterable[date],
    working_weekends: Iterable[date],
) -> WorkCalendar:
    """Return the calendar with one notice taken in: it replaces its year, or, partial, only the days that it names."""
    off, working = frozenset(days_off), frozenset(working_weekends)
    named = off | working

    def stays(day: date) -> bool:
        return day not in named and not (whole_year and day.year == year)

    # A year counts as known when every day before it is known, too.
    follows = whole_year and year == calendar.known_until.year + 1 and calendar.known_until == date(year - 1, 12, 31)
    return WorkCalendar(
        frozenset(filter(stays, calendar.days_off)) | off,
        frozenset(filter(stays, calendar.working_weekends)) | working,
        date(year, 12, 31) if follows else calendar.known_until,
        (*calendar.notices, number),
    )
