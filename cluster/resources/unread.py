"""Attachments whose text could not be read: listed for the office, and tried again when it says so.

Read by the console; the retry is its job (settings.FURTHER_JOBS): the worker reads files, and tells the registry of what it found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Func, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from cluster.resources.models import AttachmentState, AttachmentText, Resource, ResourceState
from cluster.subsites.models import Job, Subsite


@dataclass(frozen=True, slots=True)
class Unread:
    """A file whose words no search finds, and a published item that carries it."""

    filename: str
    reason: str
    site: str
    title: str
    url: str


def _unread() -> QuerySet[Any]:
    """Return the texts that will not be tried again by themselves, each with the first published item that carries the file."""
    carriers = Resource.objects.filter(
        site__schema_name=OuterRef("schema_name"),
        state=ResourceState.PUBLISHED,
        document_ids__contains=Func(OuterRef("document_id"), template="ARRAY[%(expressions)s]"),
    )
    texts = AttachmentText.objects.filter(state__in=(AttachmentState.FAILED, AttachmentState.REFUSED))
    return texts.annotate(carrier=Subquery(carriers.order_by("id").values("pk")[:1])).exclude(carrier=None)


def unread_attachments(limit: int) -> list[Unread]:
    """Return them, the last tried first."""
    found = list(_unread().order_by("-extracted_at", "-id").values_list("filename", "error", "carrier")[:limit])
    carriers = Resource.objects.in_bulk([carrier for _, _, carrier in found])
    sites = Subsite.objects.in_bulk({row.site_id for row in carriers.values()})
    rows = ((filename, reason, carriers[carrier]) for filename, reason, carrier in found)
    return [
        Unread(filename, reason, sites[row.site_id].name, row.title, f"{sites[row.site_id].root_url}{row.path}")
        for filename, reason, row in rows
    ]


def unread_count() -> int:
    """Return how many there are."""
    return _unread().count()


def try_again(job: Job, report: Callable[[str, int], None]) -> str:
    """Have each read anew, as often as a new file would be."""
    report("重新安排", 50)
    due = {"state": AttachmentState.PENDING, "attempts": 0, "not_before": Now(), "error": ""}
    number = AttachmentText.objects.filter(pk__in=list(_unread().values_list("pk", flat=True))).update(**due)
    return f"已重新安排 {number} 个附件，后台将逐个再读。"
