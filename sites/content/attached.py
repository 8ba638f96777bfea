"""Read the attachments of an item with their files, for the page that shows them.

Called by WrittenPage. Written out like the other reads of every page: most items have none, and composing the question costs
more than asking it.
"""

from functools import cache
from typing import Any

from django.db.models import Model
from wagtail.documents import get_document_model
from wagtail.models import Page

from cluster.postgresql.reading import Part, all_rows


def attachments_of(page: Page) -> list[Any]:
    """Return the attachments in their order; of a draft those that it has in memory."""
    if getattr(page, "_cluster_related_objects", None):
        return list(page.attachments.select_related("document"))
    statement, attachment_part, document_part = _reading(page.attachments.model)
    found = []
    for row in all_rows(statement, [page.pk]):
        attachment: Any = attachment_part.instance(row)
        attachment.document = document_part.instance(row, attachment_part.size)
        found.append(attachment)
    return found


@cache
def _reading(model: type[Model]) -> tuple[str, Part[Any], Part[Any]]:
    attachment, document = Part(model, "a"), Part(get_document_model(), "d")
    statement = f"""SELECT {attachment.columns}, {document.columns} FROM {model._meta.db_table} a
        JOIN {document.model._meta.db_table} d ON d.id = a.document_id WHERE a.page_id = %s ORDER BY a.sort_order"""
    return statement, attachment, document
