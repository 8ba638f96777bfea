"""The change feed: how a consumer takes its changes without losing one.

Called by search's drains. Change rows are written by a trigger on the registry, for those who are registered
(cluster.resources.consumers); they go away only in the transaction in which the consumer's answer came, so a kill at any
point leaves them for the next try.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from django.db import connection, transaction

from cluster.resources.models import Resource, ResourceState

logger = logging.getLogger(__name__)
CHANNEL = "qunzhan_feed"
MAX_ATTEMPTS = 10

#: What went wrong, by the id of the resource; who is not named has heard.
Outcome = Mapping[uuid.UUID, Exception | None]
#: What consumers are handed of a resource; whatever else they ask of it is read when they do. Half the price of all columns.
_TOLD = (
    *("id", "site_id", "page_id", "page_type", "state", "version", "title", "path", "summary", "text", "keywords"),
    *("issuer", "region_name", "doc_no", "column_code", "column_class", "published_at", "document_ids"),
    *("attachments_digest", "content_hash"),
)


class ConsumerUnavailable(Exception):
    """The consumer's system does not answer at all: nothing is wrong with the rows, try again later."""


@dataclass(frozen=True)
class DrainResult:
    """What one drain did: resources told, rows that failed, rows put aside."""

    applied: int = 0
    failed: int = 0
    parked: int = 0

    @property
    def did_something(self) -> bool:
        """Whether there was work."""
        return bool(self.applied or self.failed or self.parked)


def _claim(consumer: str, limit: int) -> list[tuple[int, str, int]]:
    """Lock due rows, the longest due first, and return (id, resource id as text, version).

    The limit may part the rows of one resource: those left are told by a later batch, which reads the resource anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, resource_id::text, version FROM resources_change
               WHERE consumer = %s AND parked_at IS NULL AND not_before <= now()
               ORDER BY not_before, id LIMIT %s FOR UPDATE SKIP LOCKED""",
            [consumer, limit],
        )
        return cursor.fetchall()


def _read(versions: Mapping[str, int]) -> list[Resource]:
    """Re-read the resources as they are committed now; an erased row becomes a tombstone.

    Without a lock: nobody who publishes or withdraws waits for a consumer, however long that takes to answer (see `_moved_on`).
    Without their sites: a consumer reads the few sites of a batch once, which is half the cost of a small row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_TOLD)} FROM resources_resource WHERE id = ANY(%s::uuid[]) ORDER BY id",
            [list(versions)],
        )
        found = [Resource.from_db(connection.alias, _TOLD, values) for values in cursor.fetchall()]
    for row in found:
        row.doc_no = json.loads(cast(str, row.doc_no))  # Django's connection leaves JSON to its fields
    return found + [
        Resource(pk=uuid.UUID(pk), page_id=0, state=ResourceState.WITHDRAWN, version=versions[pk], title="", path="")
        for pk in sorted(versions.keys() - {str(row.pk) for row in found})
    ]


def _moved_on(resources: list[Resource]) -> set[str]:
    """Return those that are not any more as the consumer was just told: they are told again, as they are by then.

    Another drain may have told of the newer state before; that keeps the older one out of an index, but not out of one that
    was made anew in between.
    """
    told = {str(row.pk): row.version for row in resources if row.site_id}  # what was erased then is still
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT told.id::text FROM unnest(%s::uuid[], %s::bigint[]) AS told (id, version)
               LEFT JOIN resources_resource r USING (id) WHERE r.version IS DISTINCT FROM told.version""",
            [list(told), list(told.values())],
        )
        return {row[0] for row in cursor.fetchall()}


def _failed(consumer: str, resource_ids: list[uuid.UUID], outcome: Outcome, change_ids: list[int]) -> int:
    """Set failed rows back with exponential waiting; park them after the last try. Return how many were parked."""
    parked = 0
    for resource_id in resource_ids:
        error = repr(outcome.get(resource_id))[:2000]
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE resources_change SET attempts = attempts + 1, error = %s,
                     not_before = clock_timestamp() + interval '1 second' * least(power(2, attempts), 600),
                     parked_at = CASE WHEN attempts + 1 >= %s THEN clock_timestamp() END
                   WHERE consumer = %s AND resource_id = %s AND id = ANY(%s) RETURNING parked_at""",
                [error, MAX_ATTEMPTS, consumer, resource_id, change_ids],
            )
            parked += sum(1 for row in cursor.fetchall() if row[0] is not None)
        logger.warning("%s 处理信息资源 %s 失败：%s", consumer, resource_id, error)
    return parked


def drain(consumer: str, apply: Callable[[list[Resource]], Outcome], limit: int = 500) -> DrainResult:
    """Tell the consumer of its next changes: claim, re-read, apply, look again, forget, all in one transaction.

    `apply` gets published and withdrawn resources alike, each once, and answers with an error or None for each, or names
    only those that failed. It may be told of something newer first and of something older later: the version says which is
    which. Raises ConsumerUnavailable through, with everything left as it was.
    """
    with transaction.atomic():
        claimed = _claim(consumer, limit)
        if not claimed:
            return DrainResult()
        versions: dict[str, int] = {}
        for _, resource_id, version in claimed:
            versions[resource_id] = max(version, versions.get(resource_id, 0))
        resources = _read(versions)
        outcome = apply(resources)
        failed = [row.pk for row in resources if outcome.get(row.pk) is not None]
        unheard = {str(pk) for pk in failed} | _moved_on(resources)
        heard = {str(row.pk): row.version for row in resources if str(row.pk) not in unheard}
        _forget(consumer, heard, claimed)
        parked = _failed(consumer, failed, outcome, [row[0] for row in claimed])
        return DrainResult(applied=len(resources) - len(failed), failed=len(failed), parked=parked)


def _forget(consumer: str, heard: Mapping[str, int], claimed: list[tuple[int, str, int]]) -> None:
    """Remove the changes of which the consumer has heard, and the older ones of the same resources that were put aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM resources_change WHERE id = ANY(%s)",
            [[change_id for change_id, resource_id, _ in claimed if resource_id in heard]],
        )
        cursor.execute(
            """DELETE FROM resources_change c USING unnest(%s::uuid[], %s::bigint[]) AS heard (id, version)
               WHERE c.consumer = %s AND c.parked_at IS NOT NULL AND c.resource_id = heard.id AND c.version <= heard.version""",
            [list(heard), list(heard.values()), consumer],
        )
