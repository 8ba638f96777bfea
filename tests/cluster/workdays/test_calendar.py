"""How days are counted: standards 5.1, on the package's data alone. Pure, without a database."""

import random
from datetime import date, timedelta

import pytest

from cluster.workdays.asking import package_calendar
from cluster.workdays.calendar import Due, WorkCalendar, overridden

CALENDAR = package_calendar()
RANDOM = random.Random(20261123)
DAYS = [date(2023, 1, 1) + timedelta(days=RANDOM.randrange(365 * 5)) for _ in range(60)]


def test_the_package_knows_the_last_notice():
    assert CALENDAR.known_until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # the Saturday worked for it
        (date(2026, 10, 11), False),  # a plain Sunday
        (date(2026, 11, 23), True),
        (date(2030, 1, 5), False),  # beyond the notices: plain weeks
        (date(2030, 1, 1), True),
    ],
)
def test_rest_days_and_worked_weekends(day: date, worked: bool):
    assert CALENDAR.is_workday(day) is worked


def test_the_day_of_the_event_is_not_counted():
    assert CALENDAR.limit_end(date(2026, 11, 23), 1, "workdays").day == date(2026, 11, 24)
    assert CALENDAR.limit_end(date(2026, 11, 23), 1, "days").day == date(2026, 11, 24)
    assert CALENDAR.workdays_between(date(2026, 11, 23), date(2026, 11, 24)) == 1
    assert CALENDAR.workdays_between(date(2026, 11, 23), date(2026, 11, 23)) == 0


def test_an_end_on_a_rest_day_moves_on():
    # 14 days after 2026-09-17 is National Day: the whole week is off.
    assert CALENDAR.limit_end(date(2026, 9, 17), 14).day == date(2026, 10, 8)
    assert CALENDAR.limit_end(date(2026, 9, 17), 14).unmoved == date(2026, 10, 1)
    # 14 days after 2026-09-26 is the worked Saturday: it stays.
    assert CALENDAR.limit_end(date(2026, 9, 26), 14).day == date(2026, 10, 10)


def test_a_fixed_date_of_the_year_does_not_move():
    assert CALENDAR.annual(2026, 1, 31) == Due(date(2026, 1, 31), provisional=False, unmoved=date(2026, 1, 31))
    assert not CALENDAR.is_workday(date(2026, 1, 31))


def test_an_extension_is_added_to_the_unmoved_end():
    due = CALENDAR.limit_end(date(2026, 9, 17), 14)
    assert CALENDAR.extended(due, 6).unmoved == date(2026, 10, 7)


def test_beyond_the_last_notice_a_limit_is_provisional():
    assert not CALENDAR.limit_end(date(2026, 11, 23), 20, "workdays").provisional
    due = CALENDAR.limit_end(date(2026, 12, 20), 20, "workdays")
    assert due.provisional
    assert str(due) == f"{due.day}（暂定）"


def test_the_last_day_runs_to_midnight():
    due = CALENDAR.limit_end(date(2026, 11, 23), 3, "workdays")
    assert not due.is_past(due.day)
    assert due.is_past(due.day + timedelta(days=1))
    assert due.days_left(date(2026, 11, 25)) == 1


@pytest.mark.parametrize(("number", "unit"), [(-1, "days"), (3, "weeks")])
def test_a_limit_that_is_none_is_refused(number: int, unit: str):
    with pytest.raises(ValueError, match="a limit of"):
        CALENDAR.limit_end(date(2026, 1, 5), number, unit)


# ---- properties


@pytest.mark.parametrize("start", DAYS)
def test_a_limit_ends_on_a_working_day_not_before_its_length(start: date):
    for number in (0, 1, 5, 14, 20, 180):
        for unit in ("days", "workdays"):
            due = CALENDAR.limit_end(start, number, unit)
            assert due.day >= due.unmoved >= start + timedelta(days=number if unit == "days" or number else 0)
            assert CALENDAR.is_workday(due.day)


@pytest.mark.parametrize("unit", ["days", "workdays"])
def test_more_days_never_end_earlier_and_a_later_start_never_ends_earlier(unit: str):
    for start in DAYS:
        ends = [CALENDAR.limit_end(start, number, unit).day for number in range(40)]
        assert ends == sorted(ends)
    for number in (3, 14, 20):
        ends = [CALENDAR.limit_end(start, number, unit).day for start in sorted(DAYS)]
        assert ends == sorted(ends)


@pytest.mark.parametrize("number", [0, 1, 7, 20, 61])
def test_adding_and_counting_are_inverse(number: int):
    for start in DAYS:
        end = CALENDAR.add_workdays(start, number)
        assert CALENDAR.workdays_between(start, end) == number
        assert CALENDAR.workdays_between(end, start) == -number
        if number:
            assert CALENDAR.is_workday(end)
            assert CALENDAR.is_workday(CALENDAR.add_workdays(end, -number) or end)


def test_counting_adds_up():
    for first, second, third in zip(DAYS, DAYS[1:], DAYS[2:], strict=False):
        a, b, c = sorted((first, second, third))
        assert CALENDAR.workdays_between(a, b) + CALENDAR.workdays_between(b, c) == CALENDAR.workdays_between(a, c)


# ---- notices


def _with(year: int, *, whole_year: bool = True, off: tuple[date, ...] = (), working: tuple[date, ...] = ()):
    return overridden(
        CALENDAR, number=f"{year}号", year=year, whole_year=whole_year, days_off=off, working_weekends=working
    )


def test_a_notice_of_the_next_year_makes_it_known():
    later = _with(2027, off=(date(2027, 1, 1),), working=(date(2027, 1, 3),))
    assert later.known_until == date(2027, 12, 31)
    assert not later.is_workday(date(2027, 1, 1))
    assert later.is_workday(date(2027, 1, 3))
    assert not later.limit_end(date(2026, 12, 20), 20, "workdays").provisional


def test_a_notice_after_a_gap_leaves_the_gap_unknown():
    assert _with(2028, off=(date(2028, 1, 3),)).known_until == CALENDAR.known_until


def test_a_notice_of_a_known_year_replaces_it_and_a_partial_one_adds_to_it():
    replaced = _with(2026, off=(date(2026, 10, 1),))
    assert not replaced.is_workday(date(2026, 10, 1))
    assert replaced.is_workday(date(2026, 10, 2))
    assert not replaced.is_workday(date(2026, 10, 10))
    added = _with(2026, whole_year=False, off=(date(2026, 11, 24),))
    assert not added.is_workday(date(2026, 11, 24))
    assert not added.is_workday(date(2026, 10, 2))
    assert isinstance(added, WorkCalendar)
    assert added.notices == ("2026号",)
