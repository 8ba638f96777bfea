"""Pages that cannot be read and yet stay: so many of a type fail at once that the program is to blame, not the content.

What the gate's recheck decides (settings.GATE_RECHECK) comes back as `Rechecked`; the worker puts the marks of held pages aside,
where console and feed_status show them, and goes on when somebody tells it to.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection

HELD = (
    "内容读不出来，没有撤下：同类页面读不出来的太多，多半是程序出错。程序修好后重新处理；"
    "查明确是内容损坏的，运行 feed_status --take-off-unreadable 撤下"
)
_confirmed: ContextVar[bool] = ContextVar("qunzhan_unreadable_confirmed", default=False)


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What became of the pages of a batch: those taken off, and those that stay as they are until somebody has looked."""

    taken_off: Collection[int] = ()
    held: Collection[int] = ()


@contextmanager
def confirmed() -> Iterator[None]:
    """Take whatever cannot be read for broken while the block runs: somebody has looked."""
    token = _confirmed.set(True)
    try:
        yield
    finally:
        _confirmed.reset(token)


def is_confirmed() -> bool:
    """Whether somebody has looked and says that it is the content."""
    return _confirmed.get()


def put_aside(mark_ids: Collection[int]) -> None:
    """Park the marks of held pages, with the reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE resources_mark SET attempts = attempts + 1, error = %s, parked_at = clock_timestamp()
               WHERE id = ANY(%s)""",
            [HELD, list(mark_ids)],
        )
