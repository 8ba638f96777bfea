"""The feed of the page stores: how a server takes what it has not heard yet.

Called by cluster.edge.agent; which servers are told says cluster.edge.servers. Events are written by triggers
(cluster/edge/sql/feed.sql) for every registered server and go away in the transaction in which its store has applied them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import F

from cluster.column_templates.vocabulary import NEWS_CODES
from cluster.edge import keys
from cluster.edge.entries import Touch
from cluster.edge.models import EdgeEvent
from cluster.subsites.models import Subsite

BATCH = 5000


@contextmanager
def unhurried() -> Iterator[None]:
    """Commit the block without waiting for the disk: seen by all at once, and a power cut costs nothing that is not repeated."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")
        yield


def tell(touches: Iterable[Touch]) -> None:
    """Tell all servers of changes that no table shows, such as the wish that a site's pages be made anew; owner role only."""
    with connection.cursor() as cursor:
        for touch in touches:
            cursor.execute("SELECT public.qz_edge_put(%s, %s, %s)", [[touch.key], touch.at, touch.gone])


def hear(name: str, apply: Callable[[list[Touch]], object], limit: int = BATCH) -> int:
    """Hand the server's next events to its store, and forget them; return how many there were."""
    with unhurried():
        rows = list(
            EdgeEvent.objects.filter(server=name)
            .order_by(F("gone").desc(), "id")
            .select_for_update(skip_locked=True)
            .values_list("id", "key", "at", "gone")[:limit]
        )
        if not rows:
            return 0
        touches = [Touch(key, at, gone) for _, key, at, gone in rows]
        apply([*touches, *news_of(touches)])
        EdgeEvent.objects.filter(pk__in=[row[0] for row in rows]).delete()
        return len(rows)


def news_of(touches: Iterable[Touch]) -> list[Touch]:
    """Return what the changes of news columns mean for the sites above, which show the news of those below (地市动态)."""
    moved: dict[str, list[Touch]] = {}
    for touch in touches:
        kind, _, rest = touch.key.partition(":")
        schema, _, code = rest.partition(":")
        if kind == "members" and code in NEWS_CODES:
            moved.setdefault(schema, []).append(touch)
    if not moved:
        return []
    sites = Subsite.objects.filter(schema_name__in=moved, parent__isnull=False)
    rows = sites.values_list("schema_name", "parent_id", "kind")
    # One for each: an older item told of in the same breath must not hide a newer one.
    return [
        Touch(keys.fed(parent, kind), touch.at)
        for schema, parent, kind in rows
        if parent is not None
        for touch in moved[schema]
    ]
