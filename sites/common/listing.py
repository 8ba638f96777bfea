"""Read the items of columns: the newest of several columns in one query, and the pages of one column.

Called by home and column pages and by feeds. The statements are written out: these lists stand on every front page, and
composing eight querysets costs more than running them. Bodies are never read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps

from cluster.postgresql import connection
from sites.common.models import ListedPage

_ORDER = "ORDER BY published_at DESC NULLS LAST, id DESC"


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
    # The site that the item is of (its schema) and the number of its page there.
    schema: str = ""
    page_id: int = 0


@cache
def listed_models() -> tuple[type[ListedPage], ...]:
    """Return the concrete kinds of items."""
    return tuple(model for model in apps.get_models() if issubclass(model, ListedPage))


class ItemsBelow:
    """The published items under a place in the tree, newest first: counted and read by slices."""

    def __init__(self, path: str, root_url_path: str, hidden: Iterable[str] = ()) -> None:
        self.root_url_path = root_url_path
        self.parameters = _parameters(path, tuple(hidden))
        self.hidden_count = len(self.parameters) - 1

    def count(self) -> int:
        """Return how many there are."""
        parts = (f"SELECT count(*) AS n {_from(model, self.hidden_count)}" for model in listed_models())
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT sum(n) FROM ({' UNION ALL '.join(parts)}) AS counted", self._all_parameters())
            return int(cursor.fetchone()[0])

    __len__ = count

    def __getitem__(self, asked: slice) -> list[ListedItem]:
        start, stop = int(asked.start or 0), int(asked.stop)
        statement = f"{_select(0, self.hidden_count, stop)} {_ORDER} LIMIT {stop - start} OFFSET {start}"
        with connection.cursor() as cursor:
            cursor.execute(statement, self._all_parameters())
            return [_item(row, self.root_url_path) for row in cursor.fetchall()]

    def _all_parameters(self) -> list[str]:
        return self.parameters * len(listed_models())


def newest_items(
    limits: Mapping[str, int], root_url_path: str, hidden: Iterable[str] = ()
) -> dict[str, list[ListedItem]]:
    """Return tree path → its newest items, for all paths in one query."""
    paths, hidden_paths = list(limits), tuple(hidden)
    found: dict[str, list[ListedItem]] = {path: [] for path in paths}
    if not paths:
        return found
    parts, parameters = [], []
    for slot, path in enumerate(paths):
        parts.append(f"({_select(slot, len(hidden_paths), int(limits[path]))} {_ORDER} LIMIT {int(limits[path])})")
        parameters += _parameters(path, hidden_paths) * len(listed_models())
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        for row in cursor.fetchall():
            found[paths[row[0]]].append(_item(row, root_url_path))
    for items in found.values():
        # A union promises no order, though each part was cut from an ordered list; equal times keep theirs.
        items.sort(key=lambda item: (item.published_at is not None, item.published_at), reverse=True)
    return found


def site_path(url_path: str, root_url_path: str) -> str:
    """Turn a page's path in the tree into its address in the site, without asking for the site's root again."""
    return "/" + url_path.removeprefix(root_url_path)


def _parameters(path: str, hidden: tuple[str, ...]) -> list[str]:
    return [f"{prefix}%" for prefix in (path, *hidden)]


def _from(model: type[ListedPage], hidden_count: int) -> str:
    hidden = " AND p.path NOT LIKE %s" * hidden_count
    table = connection.ops.quote_name(model._meta.db_table)
    # The path is a constant for the planner, not a join: it knows whether the column is large, and then walks the
    # index over published_at instead of sorting thousands of rows.
    return f"FROM wagtailcore_page p JOIN {table} a ON a.page_ptr_id = p.id WHERE p.live AND p.path LIKE %s{hidden}"


def _select(slot: int, hidden_count: int, limit: int) -> str:
    fields = f"""{int(slot)} AS slot, p.id, p.title, p.url_path, a.published_at, a.summary, a.source, a.issuer, a.doc_no,
        a.is_current, a.pub_date, a.lead_image_id, a.lead_image_alt"""
    # Each kind is cut by itself: the planner walks no index backwards through a union.
    parts = [f"(SELECT {fields} {_from(model, hidden_count)} {_ORDER} LIMIT {limit})" for model in listed_models()]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS listed"


def _item(row: tuple[Any, ...], root_url_path: str) -> ListedItem:
    _, page_id, title, url_path, published_at, summary, source, issuer, doc_no, is_current, pub_date, image_id, alt = (
        row
    )
    numbers = json.loads(doc_no) if isinstance(doc_no, str) else doc_no
    url = site_path(url_path, root_url_path)
    facts = (summary, source, issuer, tuple(numbers or ()), is_current, pub_date, image_id, alt)
    return ListedItem(title, url, published_at, *facts, connection.schema_name, page_id)
