"""Turn pages into registry rows or tombstones: the one function that decides what is public.

Called before each commit by cluster.resources.pending and by the worker for whatever was only marked. Writes Resource
rows; triggers on that table write the feed and the ledger.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction, Site

from cluster.audit.actor import tell_database
from cluster.context import current_site
from cluster.resources import links
from cluster.resources.attachments import note_documents
from cluster.resources.entries import Entries, read_entries, sort_out
from cluster.resources.entry import EntryLink, RegistryEntry
from cluster.resources.holding import Rechecked
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import Subsite

# Fields that a tombstone does not keep: what was withdrawn must not be readable from the registry.
_EMPTIED = {
    **{"summary": "", "text": "", "keywords": "", "attachments_digest": ""},
    **{"document_ids": [], "hidden_document_ids": [], "image_ids": []},
}
_IDENTITY = ("id", "site_id", "page_id", "first_published_at", "version", "updated_at")


# Told the live pages with the digests of their facts (None: cannot be read), it takes off what broke the rules around the gate,
# and what cannot be read, unless that is so much that it is held.
Recheck = Callable[[Subsite, Mapping[Page, str | None]], Rechecked]


class _SiteView:
    """What decides on visibility in one site, and the columns among and above some of its pages, read once per batch."""

    def __init__(self, site: Subsite, pages: Mapping[int, Page]) -> None:
        self.site = site
        wagtail_site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
        self.root_path = wagtail_site.root_page.path if wagtail_site else None
        self.root_url_path = wagtail_site.root_page.url_path if wagtail_site else "/"
        self.restricted = self._restricted_paths()
        column_model = apps.get_model(settings.COLUMN_MODEL)
        # Not all of them: an editor who saves one page would wait for sixty columns.
        above = {
            page.path[:end] for page in pages.values() for end in range(page.steplen, len(page.path), page.steplen)
        }
        columns = column_model.objects.defer_streamfields().filter(Q(path__in=above) | Q(pk__in=list(pages)))
        self.columns = {column.path: column for column in columns}
        self.hidden_documents = self._hidden_documents()

    @staticmethod
    def _restricted_paths() -> tuple[str, ...]:
        """Return the tree paths that are not for everybody; a mirror is as restricted as its original."""
        paths = tuple(PageViewRestriction.objects.values_list("page__path", flat=True))
        if not paths:
            return ()
        mirrors = Page.objects.filter(alias_of__isnull=False).values_list("path", "alias_of__path")
        return paths + tuple(path for path, original in mirrors if original.startswith(paths))

    @staticmethod
    def _hidden_documents() -> set[int]:
        paths = list(CollectionViewRestriction.objects.values_list("collection__path", flat=True))
        if not paths:
            return set()
        document_model = apps.get_model("wagtaildocs", "Document")
        hidden: set[int] = set()
        for path in paths:
            hidden |= set(document_model.objects.filter(collection__path__startswith=path).values_list("pk", flat=True))
        return hidden

    def shows(self, page: Page) -> bool:
        """Return whether citizens can read this page."""
        return bool(
            self.site.is_public
            and page.live
            and not page.expired
            and self.root_path
            and page.path.startswith(self.root_path)
            and not page.path.startswith(self.restricted)
        )

    def column_of(self, page: Page) -> Any:
        """Return the nearest column above the page, or None."""
        path = page.path[: -page.steplen]
        while path:
            if path in self.columns:
                return self.columns[path]
            path = path[: -page.steplen]
        return None

    def path_of(self, page: Page) -> str:
        """Return the page's address inside its site."""
        return "/" + page.url_path[len(self.root_url_path) :]


def _lock(site: Subsite, page_ids: list[int], *, wait: bool) -> list[int]:
    """Take the transaction's lock on each page's registry row; without wait, return only those that were free."""
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        # hashtextextended gives 64 bits; the site's schema keeps equal page ids of two sites apart.
        cursor.execute(
            f"SELECT i, {function}(hashtextextended(%s || ':' || i, 23)) FROM unnest(%s::bigint[]) AS i",
            [site.schema_name, sorted(page_ids)],
        )
        return [row[0] for row in cursor.fetchall() if wait or row[1]]


def _clean(value: Any) -> Any:
    """PostgreSQL stores no NUL; a stray one must not keep a page out of the registry."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def _values(view: _SiteView, page: Page, entry: RegistryEntry, page_type: str, facts: str) -> dict[str, Any]:
    values = {name: _clean(value) for name, value in asdict(entry).items()}
    values["doc_no"] = list(entry.doc_no)
    values["document_ids"] = sorted(set(entry.document_ids) - view.hidden_documents)
    values["image_ids"] = sorted(set(entry.image_ids))
    values["published_at"] = entry.published_at or page.first_published_at or timezone.now()
    values |= {"page_type": page_type, "path": view.path_of(page), "state": ResourceState.PUBLISHED}
    # The links lie in a table of their own; a changed one is a change of the item.
    values["links"] = sorted(map(repr, entry.links))
    # What the rules look at and the registry does not keep counts, too: a change of it is a change of the item.
    hashed = json.dumps(values | {"facts": facts}, ensure_ascii=False, sort_keys=True, default=str)
    values["content_hash"] = hashlib.sha256(hashed.encode("utf-8", "surrogatepass")).hexdigest()
    values["withdrawn_at"] = None
    del values["links"]
    # Not hashed: what citizens see is the same whatever is kept from them.
    values["hidden_document_ids"] = sorted(set(entry.document_ids) & view.hidden_documents)
    values["first_published_at"] = page.first_published_at
    return values


def _differs(row: Resource, values: dict[str, Any]) -> bool:
    return any(getattr(row, name) != values[name] for name in ("state", "content_hash", "path", "hidden_document_ids"))


def project_pages(page_ids: list[int], *, wait: bool = True, recheck: Recheck | None = None) -> list[int]:
    """Bring the registry rows of these pages of the current site up to date; must run in a transaction.

    Returns the page ids that were looked at: all, or with wait=False those that no other transaction is projecting.
    Pages that are gone, hidden, restricted, expired or outside the site leave a tombstone, and those that `recheck` takes off;
    those that it holds are left as they are.
    """
    site = current_site()
    if site is None or site.pk is None or not page_ids:
        return []
    page_ids = _lock(site, page_ids, wait=wait)
    # After the lock: the site's state as well must be what is committed now, not what the caller once read.
    site = Subsite.objects.get(pk=site.pk)
    pages = {page.pk: page for page in Page.objects.filter(pk__in=page_ids)}
    view = _SiteView(site, pages)
    shown = {pk: page for pk, page in pages.items() if view.shows(page)}
    held: Collection[int] = ()
    if recheck:
        entries, held = _let_stand(view, shown, recheck)
    else:
        entries = read_entries(view.column_of, shown.values())
    page_ids = [page_id for page_id in page_ids if page_id not in held]
    rows = {row.page_id: row for row in Resource.objects.filter(site=site, page_id__in=page_ids)}

    created, updated = [], []
    for page_id, (entry, page_type, facts) in entries.items():
        values = _values(view, shown[page_id], entry, page_type, facts)
        row = rows.get(page_id)
        if row is None:
            created.append(Resource(site=site, page_id=page_id, **values))
        elif _differs(row, values):
            for name, value in values.items():
                setattr(row, name, value)
            updated.append(row)
    for page_id, row in rows.items():
        if page_id not in entries and row.is_published:
            row.state, row.withdrawn_at = ResourceState.WITHDRAWN, timezone.now()
            for name, value in _EMPTIED.items():
                setattr(row, name, value)
            updated.append(row)
    _write(site, created, updated)
    said = {page_id: entry.links for page_id, (entry, _, _) in entries.items()}
    # A site that is suspended has taken nothing back: what its documents repealed stays repealed.
    silent = set() if site.is_public else {pk for pk, page in pages.items() if page.live and not page.expired}
    gone = [row for page_id, row in rows.items() if page_id not in entries and row not in updated]
    _write_links(site, [row for row in [*created, *updated, *gone] if row.page_id not in silent], said)
    for observer in settings.COLUMN_OBSERVERS:
        import_string(observer)(view, page_ids)
    return page_ids


def judge_pages(page_ids: list[int], recheck: Recheck) -> None:
    """Have those of the pages that citizens can read judged, and enter nothing: for what the registry cannot take."""
    site = current_site()
    if site is None or site.pk is None:
        return
    page_ids = _lock(site, page_ids, wait=False)
    site = Subsite.objects.get(pk=site.pk)
    pages = {page.pk: page for page in Page.objects.filter(pk__in=page_ids)}
    view = _SiteView(site, pages)
    _let_stand(view, {pk: page for pk, page in pages.items() if view.shows(page)}, recheck)


def _let_stand(view: _SiteView, shown: Mapping[int, Page], recheck: Recheck) -> tuple[Entries, Collection[int]]:
    """Return the entries of those of the pages that `recheck` neither takes off nor holds; and the held ones."""
    entries, unreadable = sort_out(partial(read_entries, view.column_of), shown.values())
    digests: dict[Page, str | None] = {shown[pk]: facts for pk, (_, _, facts) in entries.items()}
    found = recheck(view.site, digests | dict.fromkeys(unreadable))
    gone = {*found.taken_off, *found.held}
    return {page_id: entry for page_id, entry in entries.items() if page_id not in gone}, found.held


def _write_links(site: Subsite, rows: list[Resource], said: dict[int, tuple[EntryLink, ...]]) -> None:
    """Keep what the changed rows say of other items; a withdrawn one says nothing any more."""
    links.write_links(site, {row.pk: said.get(row.page_id, ()) for row in rows})


def _write(site: Subsite, created: list[Resource], updated: list[Resource]) -> None:
    """Write the rows; documents that came into sight are noted for extraction."""
    if not created and not updated:
        return
    tell_database()
    note_documents(site, {pk for row in [*created, *updated] for pk in row.document_ids}, [*created, *updated])
    # Tombstones first: where an item moves from one page to another, the feed tells of its withdrawal before its return.
    updated.sort(key=lambda row: row.state, reverse=True)
    fields = [f.name for f in Resource._meta.concrete_fields if f.attname not in _IDENTITY and f.name != "site"]
    for row in updated:
        row.save(update_fields=fields)
    if created:
        Resource.objects.bulk_create(created, batch_size=500)
