"""The columns of the site as menus, breadcrumbs, tags and the site map need them: one query for a page, plain rows.

Called by the context processor, page contexts and the site map view. The model of columns is named in settings: common
knows no app above it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest

from cluster.column_templates.vocabulary import FOOT_CODES
from cluster.edge import keys, recording
from cluster.postgresql import connection
from sites.common.listing import site_path
from sites.common.routing import once, restricted_paths, root_url_path

TOP_DEPTH = 3
STEP = 4
_FIELDS = """p.title, p.url_path, p.path, p.depth, p.show_in_menus,
    c.code, c.column_class, c.column_type, c.description, c.keywords, c.fed_by, c.shows_dates"""


@dataclass(frozen=True, slots=True)
class SiteColumn:
    """A column that citizens may see."""

    title: str
    url: str
    path: str
    depth: int
    in_menu: bool
    code: str
    column_class: str
    column_type: str
    description: str
    keywords: str
    fed_by: str
    shows_dates: bool


class SiteColumns:
    """All columns of a site in the order of its tree.

    By tree path also of those that citizens do not see: their `codes`, and how many pages the tree counts right below.
    """

    def __init__(self, columns: list[SiteColumn], codes: dict[str, str], children: dict[str, int]) -> None:
        self.all = columns
        self.codes = codes
        self.children = children
        self.by_path = {column.path: column for column in columns}
        self.by_code = {column.code: column for column in columns}

    def below(self, path: str) -> list[SiteColumn]:
        """Return the columns right below a place."""
        return [column for column in self.all if column.path[:-STEP] == path]

    def sizes(self, paths: Iterable[str]) -> dict[str, int]:
        """Return about how many pages stand below each place, drafts included: as the tree counts them."""
        counted = self.children.items()
        return {path: sum(number for place, number in counted if place.startswith(path)) for path in paths}

    def nearest(self, path: str) -> SiteColumn | None:
        """Return the nearest column above a place."""
        while path := path[:-STEP]:
            if path in self.by_path:
                return self.by_path[path]
        return None


@dataclass(frozen=True, slots=True)
class NavItem:
    """A top column in the menu; `is_above` where the page asked for stands in it."""

    title: str
    url: str
    is_above: bool


@dataclass(frozen=True, slots=True)
class Navigation:
    """The top columns of the menu, and where the foot leads."""

    top: list[NavItem]
    about_url: str
    accessibility_url: str


@dataclass(slots=True)
class Branch:
    """A column in the site map, with those below it."""

    column: SiteColumn
    children: list["Branch"] = field(default_factory=list)


def site_columns(request: HttpRequest) -> SiteColumns:
    """Return the site's columns; read once for each request."""
    return once(request, "_site_columns", lambda: _read(request))


def read_navigation(request: HttpRequest) -> Navigation:
    """Return menu and foot links."""
    columns = site_columns(request)
    shown = [column for column in columns.all if column.depth == TOP_DEPTH and column.in_menu]
    top = [NavItem(column.title, column.url, request.path.startswith(column.url)) for column in shown]
    foot = [columns.by_code.get(code) for code in FOOT_CODES]
    about_url, accessibility_url = (column.url if column else "" for column in foot)
    return Navigation(top, about_url, accessibility_url)


def column_tree(request: HttpRequest) -> list[Branch]:
    """Return the columns nested as they stand in the tree."""
    branches = {column.path: Branch(column) for column in site_columns(request).all}
    top: list[Branch] = []
    for path, branch in branches.items():
        above = branches.get(path[:-STEP])
        (above.children if above else top).append(branch)
    return top


def _read(request: HttpRequest) -> SiteColumns:
    root, hidden = root_url_path(request), restricted_paths(request)
    recording.uses(keys.columns(connection.schema_name))
    table = connection.ops.quote_name(apps.get_model(settings.COLUMN_MODEL)._meta.db_table)
    # Written out like the lists of items: every page of the site begins with it.
    statement = f"SELECT p.live, p.numchild, {_FIELDS} FROM {table} c JOIN wagtailcore_page p ON p.id = c.page_ptr_id ORDER BY p.path"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
    columns = [
        SiteColumn(title, site_path(url_path, root), path, depth, in_menu, *words)
        for live, _, title, url_path, path, depth, in_menu, *words in rows
        if live and not (hidden and path.startswith(hidden))
    ]
    codes = {path: words[0] for _, _, _, _, path, _, _, *words in rows}
    return SiteColumns(columns, codes, {row[4]: row[1] for row in rows})
