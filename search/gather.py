"""Turn registry rows into what an engine writes, with few queries for many rows, and tell apart the rows that spoil it.

Called by drain, rebuild and reconcile.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db import DatabaseError

from cluster.resources.feed import Told
from cluster.resources.models import AttachmentState, AttachmentText, Resource
from cluster.subsites.models import Subsite
from search.documents import document_for
from search.engines.base import EngineUnavailable, Outcome, Tombstone, Write

Row = Resource | Told


def writes_for(resources: Sequence[Row]) -> Iterator[Write]:
    """Yield a document or a tombstone for each resource, lazily: an engine may send the first while the last is made.

    The queries run before the first is yielded.
    """
    sites = Subsite.objects.in_bulk({row.site_id for row in resources if row.is_published})
    attachments = _attachment_texts([row for row in resources if row.is_published and row.document_ids], sites)
    return (_write_for(row, attachments.get(row.pk, ""), sites.get(row.site_id)) for row in resources)


def write_each(write: Callable[[Sequence[Row]], Outcome], resources: Sequence[Row]) -> Mapping[str, Exception]:
    """Write the resources; return the errors of those that cannot be, by id. One of which no document can be made stops no other.

    Raises EngineUnavailable (IndexMissing, too), DatabaseError and MemoryError, which say nothing about any of them.
    """
    try:
        return {key: error for key, error in write(resources).items() if error is not None}
    except (EngineUnavailable, DatabaseError, MemoryError):
        raise
    except Exception as error:
        if len(resources) == 1:
            return {str(resources[0].pk): error}
        middle = len(resources) // 2
        return {**write_each(write, resources[:middle]), **write_each(write, resources[middle:])}


def _write_for(resource: Row, attachments: str, site: Subsite | None) -> Write:
    document = document_for(resource, attachments, site) if site is not None else None
    return document or Tombstone(str(resource.pk), resource.version)


def _attachment_texts(resources: list[Row], sites: dict[int, Subsite]) -> dict[object, str]:
    """Return resource id → the names and texts of its attachments."""
    if not resources:
        return {}
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in resources:
        wanted[sites[row.site_id].schema_name].update(row.document_ids)
    texts = {
        (text.schema_name, text.document_id): f"{text.filename}\n{text.text}"
        for schema_name, document_ids in wanted.items()
        for text in AttachmentText.objects.filter(
            schema_name=schema_name, document_id__in=document_ids, state=AttachmentState.DONE
        )
    }
    return {
        row.pk: "\n".join(text for pk in row.document_ids if (text := texts.get((sites[row.site_id].schema_name, pk))))
        for row in resources
    }
