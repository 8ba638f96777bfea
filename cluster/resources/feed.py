"""The change feed: how a consumer takes its changes without losing one.

Called by search's drains. Change rows are written by a trigger on the registry, for those who are registered
(cluster.resources.consumers); they go away only in the transaction in which the consumer's answer came, so a kill at any
point leaves them for the next try.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection, transaction

from cluster.resources.models import ResourceState
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
CHANNEL = "qunzhan_feed"
MAX_ATTEMPTS = 10

#: What went wrong, by the id of the resource; who is not named has heard.
Outcome = Mapping[str, Exception | None]


class Told(NamedTuple):
    """What consumers are told of a resource: what the registry says of it now. Named as in Resource.

    Not a Resource: making one of each row costs a drain more than the query. The columns of _TOLD are in this order.
    """

    pk: str
    version: int
    state: str = ResourceState.WITHDRAWN
    site_id: int = 0
    title: str = ""
    summary: str = ""
    text: str = ""
    keywords: str = ""
    issuer: str = ""
    region_name: str = ""
    column_code: str = ""
    column_class: str = ""
    published_at: datetime = datetime.min.replace(tzinfo=UTC)
    document_ids: list[int] = []
    attachments_digest: str = ""
    content_hash: str = ""
    doc_no_as_json: str = "[]"

    @property
    def is_published(self) -> bool:
        """Whether the row itself is public; the site's state is asked separately."""
        return self.state == ResourceState.PUBLISHED

    @property
    def doc_no(self) -> list[str]:
        """The document numbers: of most items there are none."""
        return json.loads(self.doc_no_as_json) if self.doc_no_as_json != "[]" else []


_TOLD = """id::text, version, state, site_id, title, summary, text, keywords, issuer, region_name,
    column_code, column_class, published_at, document_ids, attachments_digest, content_hash, doc_no::text"""


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


def _read(versions: Mapping[str, int]) -> list[Told]:
    """Re-read the resources as they are committed now; an erased row becomes a tombstone.

    Without a lock: nobody who publishes or withdraws waits for a consumer, however long that takes to answer (see `_moved_on`).
    Without their sites: a consumer reads the few sites of a batch once, which is half the cost of a small row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_TOLD} FROM resources_resource WHERE id = ANY(%s::uuid[]) ORDER BY id", [list(versions)]
        )
        found = list(map(Told._make, cursor.fetchall()))
    erased = versions.keys() - {row.pk for row in found}
    return found + [Told(pk, versions[pk]) for pk in sorted(erased)]


def _moved_on(resources: list[Told]) -> set[str]:
    """Return those that are not any more as the consumer was just told: they are told again, as they are by then.

    Another drain may have told of the newer state before; that keeps the older one out of an index, but not out of one that
    was made anew in between.
    """
    told = {row.pk: row.version for row in resources if row.site_id}  # what was erased then is still
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT told.id::text FROM unnest(%s::uuid[], %s::bigint[]) AS told (id, version)
               LEFT JOIN resources_resource r USING (id) WHERE r.version IS DISTINCT FROM told.version""",
            [list(told), list(told.values())],
        )
        return {row[0] for row in cursor.fetchall()}


def _site_states(resources: list[Told]) -> dict[int, str]:
    """Return the states of the sites of what is told as published, which decide with the row whether anybody may find it."""
    wanted = {row.site_id for row in resources if row.is_published}
    return dict(Subsite.objects.filter(pk__in=wanted).values_list("pk", "state"))


def _of_turned_sites(resources: list[Told], states: Mapping[int, str]) -> set[str]:
    """Return those whose site has changed its state since: they are told again.

    That change has announced the same versions: of two drains that cross, the later answer may leave the older truth in an index.
    """
    now = _site_states(resources)
    turned = {site for site, state in states.items() if now.get(site) != state}
    return {row.pk for row in resources if row.site_id in turned} if turned else set()


def _failed(consumer: str, resource_ids: list[str], outcome: Outcome, change_ids: list[int]) -> int:
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


def drain(consumer: str, apply: Callable[[list[Told]], Outcome], limit: int = 500) -> DrainResult:
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
        states = _site_states(resources)
        outcome = apply(resources)
        failed = [row.pk for row in resources if outcome.get(row.pk) is not None]
        unheard = {*failed, *_moved_on(resources), *_of_turned_sites(resources, states)}
        heard = {row.pk: row.version for row in resources if row.pk not in unheard}
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
