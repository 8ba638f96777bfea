"""Dates for demonstration items: working days, working hours, the nearer the denser.

Used by `writing`; no item ever carries a time in the future.
"""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
SATURDAY = 5
MONTHS = {"winter": (11, 12, 1, 2, 3), "spring": (4, 5), "summer": (6, 7, 8), "autumn": (9, 10)}
SEASONS = {month: season for season, months in MONTHS.items() for month in months}
FIRST_HOUR, LAST_HOUR = 9, 16  # in which offices publish
# Days between two items of a column, least and most; columns that are not named move slowly.
PACE = {
    "dtyw": (0, 3),
    "zwdt": (1, 4),
    "ljdt": (1, 4),
    "djgz": (1, 4),
    "tzgg": (1, 6),
    "hfxd": (1, 7),
    "zcwj": (5, 14),
    "zcjd": (5, 16),
    "sjfb": (12, 25),
}
SLOW = (6, 30)


def season_of(moment: datetime) -> str:
    """Name the season as it is felt in the far north-east."""
    return SEASONS[moment.astimezone(BEIJING).month]


def publication_times(column: str, count: int, now: datetime, chance: random.Random) -> list[datetime]:
    """Give `count` times in the past, newest first, in working hours and without two alike."""
    least, most = PACE.get(column, SLOW)
    behind = 0 if column == "dtyw" else chance.randint(0, most)
    moment = now.astimezone(BEIJING) - timedelta(days=behind, minutes=chance.randint(20, 400))
    times: list[datetime] = []
    for _ in range(count):
        moment = _working_time(moment, chance)
        times.append(moment)
        moment -= timedelta(days=chance.randint(least, most), minutes=chance.randint(20, 90))
    return times


def _working_time(moment: datetime, chance: random.Random) -> datetime:
    """Move back to the last moment at which an office would have published."""
    while moment.weekday() >= SATURDAY or moment.hour < FIRST_HOUR:
        moment = (moment - timedelta(days=1)).replace(hour=LAST_HOUR, minute=chance.randint(0, 59))
    if moment.hour > LAST_HOUR:
        moment = moment.replace(hour=chance.randint(FIRST_HOUR, LAST_HOUR), minute=chance.randint(0, 59))
    return moment.replace(second=chance.randint(0, 59), microsecond=0)
