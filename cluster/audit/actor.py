"""Say who acts: the ledger's triggers read it from the running transaction.

Called by the middleware for requests, by commands, jobs and schedules for themselves.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass

from django.db import connection


@dataclass(frozen=True)
class Actor:
    """Who acts, from which site, and why."""

    name: str = ""
    person: str = ""
    site: str = ""
    reason: str = ""


# A function stands for an actor that is not known yet: the API signs its token in after the middleware.
_actor: ContextVar[Actor | Callable[[], Actor] | None] = ContextVar("qunzhan_actor", default=None)


def current_actor() -> Actor | None:
    """Return who acts now, or None where nobody said so."""
    actor = _actor.get()
    return actor() if callable(actor) else actor


@contextmanager
def acting_as(*, name: str, person: str = "", site: str = "", reason: str = "") -> Iterator[Actor]:
    """Record what the block writes under this actor."""
    actor = Actor(name=name, person=str(person or ""), site=site, reason=reason)
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


def begin_acting(actor: Actor | Callable[[], Actor]) -> None:
    """Set the actor, or how to find it, for the rest of this request; the middleware forgets it at the end."""
    _actor.set(actor)


def stop_acting() -> None:
    """Forget the actor."""
    _actor.set(None)


def tell_database() -> None:
    """Put the actor into the running transaction, where the ledger's triggers find it (setting qunzhan.actor)."""
    actor = current_actor()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('qunzhan.actor', %s, true)", [json.dumps(asdict(actor)) if actor else ""])
