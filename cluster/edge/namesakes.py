"""Two servers of one name: what the list of servers says of the one that is not told of changes.

Called by cluster.edge.servers and the agent; read by cluster.edge.health. While the first lives, the second stores nothing and
asks again. Once the first's worker is silent, the second takes over: what the first still serves nobody takes away, so its
row stays under another name until its store is told again or the office has seen to it.
"""

from datetime import timedelta

from django.db.models.functions import Now

from cluster.edge.models import EdgeServer

SUFFIX = "（同名的前一台）"
# Who asks in vain says so once a minute (cluster.edge.agent).
FRESH = timedelta(minutes=3)


def keep_in_sight(row: EdgeServer) -> None:
    """Leave the store that loses its name on the list; called in the transaction in which another takes it."""
    EdgeServer.objects.update_or_create(
        name=row.name[: 200 - len(SUFFIX)] + SUFFIX,
        defaults={
            "store_id": row.store_id,
            "ready_at": None,
            "dropped_at": Now(),
            "namesake_at": Now(),
            "heartbeat_at": row.heartbeat_at,
            "generation": row.generation,
            "pages": row.pages,
            "stored_bytes": row.stored_bytes,
            "error": "",
        },
    )


def note_refused(name: str, store_id: str) -> None:
    """Note that a store asks for the name of another that lives. It holds nothing any more, whatever was kept in sight of it."""
    EdgeServer.objects.filter(name=name).update(namesake_at=Now())
    forget(store_id)


def forget(store_id: str) -> None:
    """Take a store off the list that lost its name and begins anew."""
    EdgeServer.objects.filter(store_id=store_id, dropped_at__isnull=False, namesake_at__isnull=False).delete()
