"""How the servers with stored pages stand: who is silent, who has not yet taken off what was withdrawn.

Read by the console. Times are the database's own, so that no server's clock decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.db.models.functions import Now

from cluster.edge import keys
from cluster.edge.models import COMMITTER, EdgeEvent, EdgeServer
from cluster.edge.namesakes import FRESH
from cluster.edge.servers import SILENT_AFTER
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite

UNCONFIRMED_AFTER = timedelta(seconds=2)
# A line in lists goes with its page, what other sites show of a site with the site.
_COMPANIONS = ("line:", "borrowed:")
_KINDS = {"document": "附件", "image": "图片"}


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server as the office sees it."""

    name: str
    is_ready: bool
    is_silent: bool
    # Told nothing any more: what it may still serve is out of date, and nothing it was to withdraw is confirmed.
    is_dropped: bool
    # Dropped, since another store has taken its name.
    is_replaced: bool
    # Another store asks for its name, in vain.
    has_namesake: bool
    heartbeat_at: datetime
    pages: int
    stored_bytes: int
    generation: str
    waiting: int
    error: str


@dataclass(frozen=True, slots=True)
class OpenWithdrawal:
    """Something that was withdrawn and that a server has not yet confirmed to be gone."""

    what: str
    site: str
    server: str
    since: datetime


def servers() -> list[ServerState]:
    """Return all servers by name."""
    silent = set(EdgeServer.objects.filter(heartbeat_at__lt=Now() - SILENT_AFTER).values_list("pk", flat=True))
    asked_for = set(EdgeServer.objects.filter(namesake_at__gt=Now() - FRESH).values_list("pk", flat=True))
    waiting = dict(EdgeEvent.objects.order_by().values_list("server").annotate(number=Count("pk")))
    return [
        ServerState(
            name=row.name,
            is_ready=row.ready_at is not None,
            is_silent=row.pk in silent,
            is_dropped=row.dropped_at is not None,
            is_replaced=row.dropped_at is not None and row.namesake_at is not None,
            has_namesake=row.dropped_at is None and row.pk in asked_for,
            heartbeat_at=row.heartbeat_at,
            pages=row.pages,
            stored_bytes=row.stored_bytes,
            generation=row.generation,
            waiting=waiting.get(row.name, 0),
            error=row.error,
        )
        for row in EdgeServer.objects.order_by("name")
    ]


def open_withdrawals(limit: int = 100) -> list[OpenWithdrawal]:
    """Return what a server has not confirmed for longer than it should take, the oldest first."""
    rows = (
        EdgeEvent.objects.filter(gone=True, created_at__lt=Now() - UNCONFIRMED_AFTER)
        .exclude(server=COMMITTER)
        .order_by()
        .values_list("server", "key")
        .annotate(since=Min("created_at"))
        .order_by("since", "key")
    )
    found = [row for row in rows[: limit * 3] if not row[1].startswith(_COMPANIONS)][:limit]
    titles, names = _titles(key for _, key, _ in found), dict(Subsite.objects.values_list("schema_name", "name"))
    return [
        OpenWithdrawal(_words(key, titles), names.get(_parts(key)[1], ""), server, since)
        for server, key, since in found
    ]


def open_withdrawal_count() -> int:
    """Return how many there are."""
    late = EdgeEvent.objects.filter(gone=True, created_at__lt=Now() - UNCONFIRMED_AFTER).exclude(server=COMMITTER)
    for companion in _COMPANIONS:
        late = late.exclude(key__startswith=companion)
    return late.count()


def _parts(key: str) -> tuple[str, str, str]:
    kind, _, rest = key.partition(":")
    schema, _, number = rest.partition(":")
    return kind, schema, number


def _titles(names: Iterable[str]) -> dict[str, str]:
    pages = {(schema, int(number)) for kind, schema, number in map(_parts, names) if kind == "page"}
    rows = Resource.objects.filter(
        site__schema_name__in={schema for schema, _ in pages}, page_id__in={number for _, number in pages}
    ).values_list("site__schema_name", "page_id", "title")
    return {f"page:{schema}:{number}": title for schema, number, title in rows}


def _words(key: str, titles: dict[str, str]) -> str:
    kind, schema, number = _parts(key)
    if kind == "record":
        return "整个网站"
    if key.startswith(keys.ADDRESS):
        return f"网址 {schema}"
    return titles.get(key) or f"{_KINDS.get(kind, '页面')} {number}"
