"""Pages that became live or changed while live in the running transaction: checked before it commits, and before the projection.

Filled by receivers; emptied by the database backend's before_commit hook. What is refused takes the whole transaction back.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from wagtail.models import Page, Revision

from cluster.context import current_site, in_site
from cluster.postgresql import connection
from cluster.subsites.models import Subsite
from sites.common.gate.examining import SiteQuestions, live_items
from sites.common.gate.last_passes import last_passes
from sites.common.gate.passes import pass_pages
from sites.common.models import PassPurpose

logger = logging.getLogger(__name__)
_HOOK = "sites.common.gate"


class _Waiting:
    """What waits in one connection's transaction: live pages, what stands below moved ones, and revisions that were scheduled."""

    def __init__(self) -> None:
        self.pages: dict[Subsite, set[int]] = defaultdict(set)
        self.moved: dict[Subsite, set[int]] = defaultdict(set)
        self.revisions: dict[Subsite, set[int]] = defaultdict(set)

    def flush(self) -> None:
        """Let everything pass that waits; called inside the transaction. Raises GateRefused."""
        while self.moved or self.pages or self.revisions:
            while self.moved:
                site, tops = self.moved.popitem()
                with in_site(site):
                    self.pages[site] |= _shifted_below(site, tops)
            waiting, is_live = (self.pages, True) if self.pages else (self.revisions, False)
            site, ids = waiting.popitem()
            with in_site(site):
                if is_live:
                    pass_pages(site, live_items(ids))
                else:
                    pass_pages(site, _scheduled(ids), purpose=PassPurpose.SCHEDULED)


def _shifted_below(site: Subsite, tops: set[int]) -> set[int]:
    """Return the live items below these pages that stand in another column of the law than they passed in."""
    paths = Page.objects.filter(pk__in=tops, numchild__gt=0).values_list("path", flat=True)
    below = [found for path in paths for found in Page.objects.filter(path__startswith=path, live=True)]
    passed = last_passes([page.pk for page in below])
    if not passed:
        return set()
    questions = SiteQuestions(site)
    columns = {page.pk: questions.column_of(page.path[: -page.steplen]) for page in below if page.pk in passed}
    return {pk for pk, column in columns.items() if passed[pk].column_code != (column.code if column else "")}


def _scheduled(revision_ids: set[int]) -> list[Page]:
    """Return the pages as the scheduled revisions will show them."""
    return _shown_by(Revision.page_revisions.filter(pk__in=revision_ids, approved_go_live_at__isnull=False))


def _shown_by(revisions: Iterable[Revision]) -> list[Page]:
    pages = []
    for revision in revisions:
        try:
            pages.append(revision.as_object())
        except Exception:
            # What cannot be rebuilt cannot go live either; the schedule reports it at its hour.
            logger.exception("版本 %s 无法还原，没有检查", revision.pk)
    return [page for page in pages if isinstance(page, Page)]


def _waiting() -> tuple[_Waiting, Subsite] | None:
    site = current_site()
    if site is None or site.pk is None or not connection.in_atomic_block:  # public, or a mould: nobody reads it
        return None
    waiting = getattr(connection.before_commit_hooks.get(_HOOK), "__self__", None)
    if waiting is None:
        waiting = _Waiting()
        connection.before_commit(_HOOK, waiting.flush, first=True)
    return waiting, site


def add_page(page_id: int) -> None:
    """Check this page of the current site before the commit."""
    found = _waiting()
    if found is not None:
        waiting, site = found
        waiting.pages[site].add(page_id)


def add_moved(page_id: int) -> None:
    """Check before the commit what this page of the current site took along into another column of the law."""
    found = _waiting()
    if found is not None:
        waiting, site = found
        waiting.moved[site].add(page_id)


def add_scheduled(revision_id: int) -> None:
    """Check what this revision will show before the commit that schedules it."""
    found = _waiting()
    if found is not None:
        waiting, site = found
        waiting.revisions[site].add(revision_id)


def check_scheduled_at_once(revision: Revision) -> None:
    """Check what a revision will show before it is written, where no transaction runs and so no commit is to come."""
    site = current_site()
    if site is None or site.pk is None or connection.in_atomic_block:
        return
    with transaction.atomic():
        pass_pages(site, _shown_by([revision]), purpose=PassPurpose.SCHEDULED)


def forget(page_ids: list[int]) -> None:
    """Leave out pages whose passes have just been written by a bulk service."""
    found = _waiting()
    if found is not None:
        waiting, site = found
        waiting.pages[site].difference_update(page_ids)
        if not waiting.pages[site]:
            del waiting.pages[site]


def flush() -> None:
    """Check now what waits: for code that must know inside its transaction, and for tests that roll back."""
    hook = connection.before_commit_hooks.pop(_HOOK, None)
    if hook is not None:
        with transaction.atomic():
            hook()
