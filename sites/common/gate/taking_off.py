"""Say whether a page is whole; take one off, even where its content is so broken that Wagtail's own way fails.

Called by rechecking, inside the worker's transaction and under the name and reason that the ledger is to keep.
"""

import logging

from django.db import transaction
from django.db.models import Q
from wagtail.fields import StreamField
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from cluster.resources import pending as projection
from cluster.resources.entries import is_of_the_content
from sites.common.gate import pending

logger = logging.getLogger(__name__)
LOG_ACTION = "wagtail.unpublish"


def is_whole(page: Page) -> bool:
    """Whether every block of its content can be built; a block without a value may show no text and yet break the page."""
    try:
        for field in page._meta.get_fields():
            if isinstance(field, StreamField):
                for block in getattr(page, field.name):
                    _ = block.value
    except Exception as error:
        if not is_of_the_content(error):
            raise
        return False
    return True


def take_off(page: Page) -> None:
    """Unpublish the page and its mirrors, and leave their tombstones in the registry before this returns."""
    try:
        with transaction.atomic():
            page.unpublish(log_action=LOG_ACTION)
    except Exception as error:
        # Signals and the index of references read the content, which cannot be read.
        if not is_of_the_content(error):
            raise
        logger.exception("页面 %s 的内容损坏，直接撤下", page.pk)
        _take_off_unread(page.pk)
    pending.flush()
    projection.flush()


def _take_off_unread(page_id: int) -> None:
    """Write what unpublishing writes, without reading more than the rows of the page tree."""
    rows = list(Page.objects.filter(Q(pk=page_id) | Q(alias_of=page_id), live=True))
    page_ids = [row.pk for row in rows]
    Page.objects.filter(pk__in=page_ids).update(live=False, has_unpublished_changes=True, live_revision=None)
    scheduled = Revision.page_revisions.filter(object_id__in=map(str, page_ids), approved_go_live_at__isnull=False)
    scheduled.update(approved_go_live_at=None)
    for row in rows:
        log(instance=row, action=LOG_ACTION)
    projection.add_pages(page_ids)
