"""What the registry, the feed and the ledger say, in the words of the tests."""

from wagtail.models import Page

from cluster.audit.models import LedgerEntry
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite


def row_of(site: Subsite, page: Page) -> Resource | None:
    """Return the registry row of a page of the site, or None."""
    return Resource.objects.filter(site=site, page_id=page.pk).first()


def is_published(site: Subsite, page: Page) -> bool:
    """Return whether the registry says that citizens can read the page."""
    row = row_of(site, page)
    return row is not None and row.is_published


def is_tombstone(site: Subsite, page: Page) -> bool:
    """Return whether the registry remembers a withdrawal, without the text."""
    row = row_of(site, page)
    return row is not None and not row.is_published and row.text == "" and row.withdrawn_at is not None


def ledger_of(page: Page, site: Subsite) -> list[str]:
    """Return the actions that the ledger has of a page, oldest first."""
    row = row_of(site, page)
    if row is None:
        return []
    return list(LedgerEntry.objects.filter(subject_id=str(row.pk)).order_by("id").values_list("action", flat=True))
