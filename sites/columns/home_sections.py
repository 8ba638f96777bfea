"""Fill the blocks of a home page with the newest items of their columns, in a fixed number of queries.

Called by HomePage.get_context; the template columns/home_page.html draws what this returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from wagtail.images import get_image_model

from cluster.context import current_site
from sites.columns.breadcrumb import Link
from sites.columns.cluster_news import ClusterNews, site_groups
from sites.columns.panel import Panel
from sites.common.listing import newest_items, restricted_paths, site_path
from sites.common.routing import root_url_path

if TYPE_CHECKING:
    from sites.columns.models import ColumnPage, HomePage


@dataclass(slots=True)
class Band:
    """A strip across the page: one whole panel, or halves side by side."""

    panels: list[Panel]
    is_washed: bool = False


def home_context(home: "HomePage", request: HttpRequest) -> dict[str, Any]:
    """Return the bands of the home page."""
    panels = [panel for panel in _panels(home, request) if panel is not None]
    return {"bands": arrange(panels), "url": "/"}


def arrange(panels: list[Panel]) -> list[Band]:
    """Put neighbouring halves into one band, and give every other band a ground of its own."""
    bands: list[Band] = []
    for panel in panels:
        pairs = bool(bands) and panel.is_half and bands[-1].panels[0].is_half and len(bands[-1].panels) < 2
        if pairs:
            bands[-1].panels.append(panel)
        else:
            bands.append(Band([panel], is_washed=bool(bands) and not bands[-1].is_washed))
    return bands


def _panels(home: "HomePage", request: HttpRequest) -> list[Panel | None]:
    root = root_url_path(request)
    stored = [(block["type"], block["value"]) for block in home.blocks.raw_data]
    named = [value.get(name) for _, value in stored for name in ("column", "action_column")]
    columns = home.columns_by_code(code for code in named if code)
    panels = [_empty_panel(kind, value, columns, root) for kind, value in stored]
    limits: dict[str, int] = {}
    for panel in panels:
        if panel and panel.column and not panel.column.fed_by:
            limits[panel.column.path] = max(panel.limit, limits.get(panel.column.path, 0))
    found = newest_items(limits, root, restricted_paths())
    for panel in panels:
        if panel is not None and panel.column is not None:
            kind = panel.column.fed_by
            panel.items = ClusterNews(kind, current_site())[: panel.limit] if kind else found[panel.column.path][: panel.limit]
    _add_subcolumns(panels, home, root)
    _add_image(panels)
    return panels


def _empty_panel(kind: str, value: Mapping[str, Any], columns: "Mapping[str, ColumnPage]", root: str) -> Panel | None:
    """Make a panel without items; None where its column is gone or hidden."""
    if kind == "directory":
        groups = site_groups(value.get("kinds") or ())
        return Panel("directory", value.get("heading") or "站群导航", groups=groups) if groups else None
    column = columns.get(value.get("column") or "")
    if column is None:
        return None
    layout = {"column_list": value.get("layout") or "dated"}.get(kind, kind)
    return Panel(
        layout="cluster" if column.fed_by else layout,
        heading=value.get("heading") or column.title,
        url=site_path(column.url_path, root),
        column=column,
        action=_action(value, columns, root),
        limit=int(value.get("limit") or 6),
        is_half=kind == "column_list" and value.get("width", "half") == "half",
    )


def _action(value: Mapping[str, Any], columns: "Mapping[str, ColumnPage]", root: str) -> Link | None:
    target = columns.get(value.get("action_column") or value.get("column") or "")
    return Link(value["action"], site_path(target.url_path, root)) if value.get("action") and target else None


def _add_subcolumns(panels: list[Panel | None], home: "HomePage", root: str) -> None:
    wanted = [panel for panel in panels if panel and panel.layout == "services" and panel.column]
    if not wanted:
        return
    columns = home.shown_columns()
    for panel in wanted:
        assert panel.column is not None
        below, depth = panel.column.path, panel.column.depth + 1
        found = [column for column in columns if column.depth == depth and column.path.startswith(below)]
        panel.links = [Link(column.title, site_path(column.url_path, root)) for column in found]


def _add_image(panels: list[Panel | None]) -> None:
    """Fetch the picture of the first headline that has one."""
    for panel in panels:
        if panel and panel.layout == "headline" and panel.items and panel.items[0].image_id:
            panel.image = get_image_model().objects.filter(pk=panel.items[0].image_id).first()
            return
