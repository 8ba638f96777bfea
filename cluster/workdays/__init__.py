"""The calendar of working days: holidays, shifted working weekends, and the ends of limits (standards 5.1).

Asked by the publish gate, by inspection and by cases: `from cluster.workdays import current_calendar, limit_end`.
"""

from cluster.workdays.asking import (
    add_workdays,
    calendar_at,
    current_calendar,
    is_workday,
    known_until,
    limit_end,
    workdays_between,
)
from cluster.workdays.calendar import Due, WorkCalendar

__all__ = [
    "Due",
    "WorkCalendar",
    "add_workdays",
    "calendar_at",
    "current_calendar",
    "is_workday",
    "known_until",
    "limit_end",
    "workdays_between",
]
