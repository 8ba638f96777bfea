"""Walk over the registry in the order of its ids, in batches. Called by rebuild and reconcile.

Keyset paging: a walk of any length holds no transaction open, and what changes behind it arrives by the feed.
"""

import uuid
from collections.abc import Iterator

from cluster.resources.models import Resource, ResourceState

FIRST = uuid.UUID(int=0)


def published_batches(size: int) -> Iterator[list[Resource]]:
    """Yield all published resources, whole rows."""
    last = FIRST
    while batch := list(Resource.objects.filter(state=ResourceState.PUBLISHED, id__gt=last).order_by("id")[:size]):
        yield batch
        last = batch[-1].pk


def published_count() -> int:
    """Return how many resources a walk will meet, about: it is for a progress bar."""
    return Resource.objects.filter(state=ResourceState.PUBLISHED).count()
