"""Signals in: whatever makes a page live, changes a live one, moves, schedules or submits it comes to the gate.

Connected by CommonConfig.ready. What sends no signal is refused by the database (turning live) or found by the worker.
"""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models.signals import post_save, pre_save
from wagtail.models import Page, Revision, TaskState
from wagtail.signals import page_published, task_submitted

from cluster.context import current_site
from sites.common.gate import pending
from sites.common.gate.examining import needs_pass
from sites.common.gate.passes import pass_pages
from sites.common.models import ListedPage, PassPurpose

# What Wagtail writes of a live page without changing what citizens read.
BOOKKEEPING = frozenset(
    {
        *("latest_revision", "latest_revision_created_at", "draft_title", "has_unpublished_changes"),
        *("locked", "locked_at", "locked_by", "numchild", "owner", "go_live_at", "expire_at"),
    }
)


def page_saved(instance: models.Model, update_fields: Collection[str] | None = None, **kwargs: Any) -> None:
    """Check a page that is live, unless only its bookkeeping was written."""
    if not isinstance(instance, Page) or not instance.live or kwargs.get("raw"):
        return
    if update_fields is not None and set(update_fields) <= BOOKKEEPING:
        return
    _add(instance)


def page_went_live(instance: Page, **kwargs: Any) -> None:
    """Check a published page, also one whose row was written without a signal (copies)."""
    if instance.live:
        _add(instance)


def _add(page: Page) -> None:
    # A bare Page may be of any type; the gate looks again when it reads it. A move saves one, and takes along what is below.
    if type(page) is Page:
        pending.add_moved(page.pk)
    if type(page) is Page or needs_pass(type(page)):
        pending.add_page(page.pk)


def revision_to_be_saved(instance: Revision, **kwargs: Any) -> None:
    """Refuse a schedule in a shell or command before it is written: what Wagtail writes there stands at once."""
    if instance.approved_go_live_at is not None and not kwargs.get("raw"):
        pending.check_scheduled_at_once(instance)


def revision_saved(instance: Revision, **kwargs: Any) -> None:
    """Check what a revision will show when it is scheduled, not only when its hour comes."""
    if instance.approved_go_live_at is not None and not kwargs.get("raw"):
        pending.add_scheduled(instance.pk)


def submitted(instance: TaskState, **kwargs: Any) -> None:
    """Refuse a submission for review at once, also one that is taken up again: nobody reads what cannot be published."""
    site, draft = current_site(), instance.workflow_state.content_object
    if site is None or not isinstance(draft, Page) or not issubclass(draft.specific_class or Page, ListedPage):
        return
    # As the task's revision shows it, whatever the object in memory says.
    pass_pages(site, [instance.revision.as_object()], purpose=PassPurpose.SUBMITTED)


def connect() -> None:
    """Connect the receivers."""
    post_save.connect(page_saved, dispatch_uid="gate_page_saved")
    pre_save.connect(revision_to_be_saved, sender=Revision, dispatch_uid="gate_revision_to_be_saved")
    post_save.connect(revision_saved, sender=Revision, dispatch_uid="gate_revision_saved")
    page_published.connect(page_went_live, dispatch_uid="gate_page_published")
    task_submitted.connect(submitted, dispatch_uid="gate_submitted")
