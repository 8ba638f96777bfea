"""Pages to project before the running transaction commits, each once, with its final state.

Filled by receivers and by services that publish in bulk; emptied by the database backend's before_commit hook. The page,
its registry row, the feed rows and the ledger line thus share one transaction, whatever publishes.
"""

from collections import defaultdict

from django.db import transaction
from django.db.models import Q

from cluster.context import current_site, in_site
from cluster.postgresql import connection
from cluster.resources.projection import project_pages
from cluster.subsites.models import Subsite

_HOOK = "cluster.resources.pending"


class _Pending:
    """What waits in one connection's transaction."""

    def __init__(self) -> None:
        self.pages: dict[Subsite, dict[int, None]] = defaultdict(dict)

    def flush(self) -> None:
        """Project everything that waits; called inside the transaction."""
        while self.pages:
            site, page_ids = self.pages.popitem()
            with in_site(site):
                project_pages(list(page_ids))


def _bucket() -> dict[int, None] | None:
    site = current_site()
    if site is None or site.pk is None:  # public, or a base schema: nobody reads it
        return None
    pending = getattr(connection.before_commit_hooks.get(_HOOK), "__self__", None)
    if pending is None:
        pending = _Pending()
        connection.before_commit(_HOOK, pending.flush)
    return pending.pages[site]


def add_pages(page_ids: list[int]) -> None:
    """Project these pages of the current site before the commit, or at once where no transaction runs."""
    if not connection.in_atomic_block:
        site = current_site()
        if site is not None and site.pk is not None:
            with transaction.atomic():
                project_pages(page_ids)
        return
    bucket = _bucket()
    if bucket is not None:
        bucket.update(dict.fromkeys(page_ids))


def add_page(page_id: int) -> None:
    """Project one page of the current site before the commit."""
    add_pages([page_id])


def add_subtree(page_id: int) -> None:
    """Project a page and everything below it; past a thousand pages the worker does it from the trigger's mark."""
    from wagtail.models import Page

    path = Page.objects.filter(pk=page_id).values_list("path", flat=True).first()
    if path is None:
        return
    # With their mirrors elsewhere: those are as restricted as their originals.
    inside = Q(path__startswith=path) | Q(alias_of__path__startswith=path)
    page_ids = list(Page.objects.filter(inside).values_list("pk", flat=True)[:1001])
    if len(page_ids) <= 1000:
        add_pages(page_ids)


def flush() -> None:
    """Project now what waits; for tests that roll back and for code that reads the registry before its commit."""
    hook = connection.before_commit_hooks.pop(_HOOK, None)
    if hook is not None:
        hook()
