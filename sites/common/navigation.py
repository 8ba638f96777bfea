"""The columns of the site as its head, foot and site map need them, read once for a page.

Called by the context processor and the site map view. The model of columns is named in settings: common knows no app above it.
"""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest

from sites.common.listing import restricted_paths, site_path
from sites.common.routing import root_url_path

# Columns that the foot of every page leads to, wherever an editor moved them.
ABOUT_CODE, ACCESSIBILITY_CODE = "gywm", "wzasm"
HOME_DEPTH = 2


@dataclass(slots=True)
class NavItem:
    """A column in a menu or the site map."""

    title: str
    url: str
    code: str
    path: str
    in_menu: bool
    is_above: bool = False
    children: list["NavItem"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Navigation:
    """The top columns of the menu, and where the foot leads."""

    top: list[NavItem]
    about_url: str
    accessibility_url: str


def read_navigation(request: HttpRequest) -> Navigation:
    """Return menu and foot links: one query."""
    model = apps.get_model(settings.COLUMN_MODEL)
    columns = model.objects.live()
    shown = columns.filter(depth=HOME_DEPTH + 1, show_in_menus=True) | columns.filter(
        code__in=(ABOUT_CODE, ACCESSIBILITY_CODE)
    )
    items = [_item(row, root_url_path(request)) for row in _rows(shown)]
    for item in items:
        item.is_above = request.path.startswith(item.url)
    urls = {item.code: item.url for item in items}
    top = [item for item in items if item.in_menu and item.code not in (ABOUT_CODE, ACCESSIBILITY_CODE)]
    return Navigation(top, urls.get(ABOUT_CODE, ""), urls.get(ACCESSIBILITY_CODE, ""))


def column_tree(request: HttpRequest) -> list[NavItem]:
    """Return all columns that everybody may see, nested: two queries."""
    hidden = tuple(restricted_paths())
    rows = _rows(apps.get_model(settings.COLUMN_MODEL).objects.live())
    items = [_item(row, root_url_path(request)) for row in rows if not row["path"].startswith(hidden or ("-",))]
    by_path = {item.path: item for item in items}
    top = []
    for item in items:
        above = by_path.get(item.path[:-4])
        (above.children if above else top).append(item)
    return top


def _rows(columns: Any) -> Any:
    return columns.order_by("path").values("title", "url_path", "code", "path", "show_in_menus")


def _item(row: dict[str, Any], root: str) -> NavItem:
    url = site_path(row["url_path"], root)
    return NavItem(row["title"], url, row["code"], row["path"], in_menu=row["show_in_menus"])
