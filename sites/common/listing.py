"""Read the items of one column, page by page; lines of lists and the statements that read them.

Called by column pages and feeds; sites.common.newest reads the newest of several columns. The statements are written out:
these lists stand on every front page, and composing eight querysets costs more than running them. Bodies are never read.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps

from cluster.postgresql import connection
from sites.common.models import ListedPage

ORDER = "ORDER BY published_at DESC NULLS LAST, id DESC"
# Of a page p and the row a of its type's own table; `listed_item` reads them, after the slot.
LISTED_FIELDS = """p.id, p.title, p.url_path, a.published_at, a.summary, a.source, a.issuer, a.doc_no, a.is_current, a.pub_date,
    a.lead_image_id, a.lead_image_alt"""


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
        self.parameters = below_parameters(path, tuple(hidden))
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
        statement = f"{newest_below(0, self.hidden_count, stop)} {ORDER} LIMIT {stop - start} OFFSET {start}"
        with connection.cursor() as cursor:
            cursor.execute(statement, self._all_parameters())
            return [listed_item(row, self.root_url_path) for row in cursor.fetchall()]

    def _all_parameters(self) -> list[str]:
        return self.parameters * len(listed_models())


def site_path(url_path: str, root_url_path: str) -> str:
    """Turn a page's path in the tree into its address in the site, without asking for the site's root again."""
    return "/" + url_path.removeprefix(root_url_path)


def below_parameters(path: str, hidden: tuple[str, ...]) -> list[str]:
    """Return what `newest_below` wants for each kind of item."""
    return [f"{prefix}%" for prefix in (path, *hidden)]


def newest_below(slot: int, hidden_count: int, limit: int) -> str:
    """Return a statement for the newest items of every kind below a place, so many of each."""
    # Each kind is cut by itself: the planner walks no index backwards through a union.
    parts = [
        f"(SELECT {int(slot)} AS slot, {LISTED_FIELDS} {_from(model, hidden_count)} {ORDER} LIMIT {int(limit)})"
        for model in listed_models()
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS listed"


def table_of(model: type[ListedPage]) -> str:
    """Return the quoted table of a kind of item."""
    return connection.ops.quote_name(model._meta.db_table)


def _from(model: type[ListedPage], hidden_count: int) -> str:
    hidden = " AND p.path NOT LIKE %s" * hidden_count
    # The path is a constant for the planner, not a join: it knows whether the column is large, and then walks the
    # index over published_at instead of sorting thousands of rows.
    return f"FROM wagtailcore_page p JOIN {table_of(model)} a ON a.page_ptr_id = p.id WHERE p.live AND p.path LIKE %s{hidden}"


def listed_item(row: tuple[Any, ...], root_url_path: str) -> ListedItem:
    """Return the line of a row that begins with a slot and LISTED_FIELDS."""
    page_id, title, url_path, published_at, summary, source, issuer, doc_no, is_current, pub_date, image_id, alt = row[
        1:13
    ]
    numbers = json.loads(doc_no) if isinstance(doc_no, str) else doc_no
    url = site_path(url_path, root_url_path)
    facts = (summary, source, issuer, tuple(numbers or ()), is_current, pub_date, image_id, alt)
    return ListedItem(title, url, published_at, *facts, connection.schema_name, page_id)
