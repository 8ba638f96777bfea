"""Rows of the content registry, of the change feed and of attachment texts, all in the public schema; import them from here."""

from cluster.resources.models.attachment import AttachmentState, AttachmentText
from cluster.resources.models.feed import Change, Consumer, FeedRow, Mark, MarkScope
from cluster.resources.models.index_number import IndexNumber
from cluster.resources.models.link import LinkKind, ResourceLink
from cluster.resources.models.resource import Resource, ResourceState

__all__ = [
    "AttachmentState",
    "AttachmentText",
    "Change",
    "Consumer",
    "FeedRow",
    "IndexNumber",
    "LinkKind",
    "Mark",
    "MarkScope",
    "Resource",
    "ResourceLink",
    "ResourceState",
]
