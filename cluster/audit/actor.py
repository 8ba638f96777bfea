"""Say who acts: the ledger's triggers read it from the running transaction.

Called by the middleware for requests, by commands, jobs and schedules for themselves.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.db import connection


@dataclass(frozen=True)
class Actor:
    """Who acts, from which site, and why.

    `reason` is what a person said; it alone overrides a warning of the publish gate. `occasion` is what a program says of itself
    where nobody gave a reason: it stands in the ledger in the place of one, and overrides nothing.
    """

    name: str = ""
    person: str = ""
    site: str = ""
    reason: str = ""
    occasion: str = ""
    in_request: bool = False

    @property
    def is_accountable(self) -> bool:
        """Whether it is known who acts and why: somebody signed in, a program on its occasion, or a person who said both."""
        return self.in_request or bool(self.name.strip() and (self.reason.strip() or self.occasion))

    def as_values(self) -> dict[str, str]:
        """Return the actor as the ledger keeps it."""
        return {
            "name": self.name,
            "person": self.person,
            "site": self.site,
            "reason": self.reason or self.occasion,
        }


# A function stands for an actor that is not known yet: the API signs its token in after the middleware.
_actor: ContextVar[Actor | Callable[[], Actor] | None] = ContextVar("qunzhan_actor", default=None)


def current_actor() -> Actor | None:
    """Return who acts now, or None where nobody said so."""
    actor = _actor.get()
    return actor() if callable(actor) else actor


@contextmanager
def acting_as(*, name: str, person: str = "", site: str = "", reason: str = "", occasion: str = "") -> Iterator[Actor]:
    """Record what the block writes under this actor; a program without a person's reason names its occasion."""
    actor = Actor(name=name, person=str(person or ""), site=site, reason=reason, occasion=occasion)
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


@contextmanager
def acting_for(reason: str, *, name: str) -> Iterator[Actor]:
    """Let a program act for a reason that it declares itself, which overrides warnings as a person's does.

    Whoever acts stays named; `name` stands where nobody does. For what the decision records allow, and nothing else.
    """
    actor = current_actor() or Actor()
    declared = replace(actor, name=actor.name or name, reason=reason)
    token = _actor.set(declared)
    try:
        yield declared
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
        cursor.execute("SELECT set_config('qunzhan.actor', %s, true)", [json.dumps(actor.as_values()) if actor else ""])
