"""Read the items of columns: the newest of several columns in one query, and the pages of one column.

Called by home and column pages, feeds and the site map; reads all kinds of ListedPage without their bodies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import F, IntegerField, Q, QuerySet, Value
from wagtail.models import PageViewRestriction

from sites.common.models import ListedPage

_FIELDS = (
    *("pk", "title", "url_path", "published_at", "summary", "source", "lead_image_id", "lead_image_alt"),
    *("issuer", "doc_no", "is_current", "pub_date"),
)


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One line of a list. `url` is absolute for items of other sites, else a path."""

    title: str
    url: str
    published_at: datetime | None
    summary: str = ""
    source: str = ""
    issuer: str = ""
    doc_no: tuple[str, ...] = ()
    is_current: bool | None = None
    pub_date: date | None = None
    image_id: int | None = None
    image_alt: str = ""


def listed_models() -> list[type[ListedPage]]:
    """Return the concrete kinds of items."""
    return [model for model in apps.get_models() if issubclass(model, ListedPage)]


def restricted_paths() -> list[str]:
    """Return the tree paths that are not for everybody."""
    return list(PageViewRestriction.objects.values_list("page__path", flat=True))


def items_below(path: str, restricted: Iterable[str] = (), slot: int = 0) -> QuerySet[Any, dict[str, Any]]:
    """Return the published items under a tree path as dictionaries, newest first; `slot` is handed through."""
    found = [_live_below(model, path, restricted).annotate(slot=Value(slot, IntegerField())) for model in listed_models()]
    rows = found[0] if len(found) == 1 else found[0].union(*found[1:], all=True)
    return rows.order_by(F("published_at").desc(nulls_last=True), "-pk")


def newest_items(
    limits: Mapping[str, int], root_url_path: str, restricted: Iterable[str] = ()
) -> dict[str, list[ListedItem]]:
    """Return tree path → its newest items, for all paths in one query."""
    parts = [items_below(path, restricted, slot)[:limit] for slot, (path, limit) in enumerate(limits.items())]
    found: dict[str, list[ListedItem]] = {path: [] for path in limits}
    if not parts:
        return found
    rows = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True)
    paths = list(limits)
    for row in rows:
        found[paths[row["slot"]]].append(item_of(row, root_url_path))
    for items in found.values():
        # A union promises no order, though each part was cut from an ordered list.
        items.sort(key=lambda item: (item.published_at is not None, item.published_at), reverse=True)
    return found


def item_of(row: Mapping[str, Any], root_url_path: str) -> ListedItem:
    """Make a line from a row of `items_below`."""
    return ListedItem(
        title=row["title"],
        url=site_path(row["url_path"], root_url_path),
        published_at=row["published_at"],
        summary=row["summary"],
        source=row["source"],
        issuer=row["issuer"],
        doc_no=tuple(row["doc_no"] or ()),
        is_current=row["is_current"],
        pub_date=row["pub_date"],
        image_id=row["lead_image_id"],
        image_alt=row["lead_image_alt"],
    )


def site_path(url_path: str, root_url_path: str) -> str:
    """Turn a page's path in the tree into its address in the site, without asking for the site's root again."""
    return "/" + url_path.removeprefix(root_url_path)


def _live_below(model: type[ListedPage], path: str, restricted: Iterable[str]) -> QuerySet[Any, dict[str, Any]]:
    hidden = Q()
    for prefix in restricted:
        hidden |= Q(path__startswith=prefix)
    rows = model._default_manager.filter(live=True, path__startswith=path)
    if hidden:
        rows = rows.exclude(hidden)
    return rows.values(*_FIELDS)
