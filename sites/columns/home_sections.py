"""Fill the blocks of a home page with the newest items of their columns, in a fixed number of queries.

Called by HomePage.get_context; the template columns/home_page.html draws what this returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from cluster.edge import keys, recording
from cluster.postgresql import connection
from sites.columns.breadcrumb import Link
from sites.columns.cluster_news import ClusterNews, site_groups
from sites.columns.panel import Panel
from sites.common.navigation import SiteColumns, site_columns
from sites.common.newest import newest_items
from sites.common.pictures import ON_FRONT, image_of, picture_of
from sites.common.routing import restricted_paths, root_url_path
from sites.common.showing import shows_list

if TYPE_CHECKING:
    from sites.columns.models import HomePage

DEFAULT_LIMIT = 6


@dataclass(slots=True)
class Band:
    """A strip across the page: one whole panel, or two halves side by side."""

    panels: list[Panel]
    is_washed: bool = False


def home_context(home: "HomePage", request: HttpRequest) -> dict[str, Any]:
    """Return the bands of the home page."""
    columns = site_columns(request)
    made = [_panel(block["type"], block["value"], columns, request) for block in home.blocks.raw_data]
    panels = [panel for panel in made if panel is not None]
    _fill(panels, request)
    _add_image(panels)
    return {"bands": arrange(panels), "url": "/"}


def arrange(panels: list[Panel]) -> list[Band]:
    """Put neighbouring halves into one band, and give every other band a ground of its own."""
    bands: list[Band] = []
    for panel in panels:
        if bands and panel.is_half and bands[-1].panels[0].is_half and len(bands[-1].panels) == 1:
            bands[-1].panels.append(panel)
        else:
            bands.append(Band([panel], is_washed=bool(bands) and not bands[-1].is_washed))
    return bands


def _panel(kind: str, value: Mapping[str, Any], columns: SiteColumns, request: HttpRequest) -> Panel | None:
    """Make a panel without items; None where its column is gone or hidden."""
    if kind == "directory":
        groups = site_groups(request, value.get("kinds") or ())
        return Panel("directory", value.get("heading") or "站群导航", groups=groups) if groups else None
    column = columns.by_code.get(value.get("column") or "")
    if column is None:
        return None
    layout = (value.get("layout") or "dated") if kind == "column_list" else kind
    links = [Link(below.title, below.url) for below in columns.below(column.path)] if kind == "services" else []
    return Panel(
        layout="cluster" if column.fed_by else layout,
        heading=value.get("heading") or column.title,
        url=column.url,
        column=column,
        links=links,
        action=_action(value, columns),
        limit=int(value.get("limit") or DEFAULT_LIMIT),
        is_half=kind == "column_list" and value.get("width", "half") == "half",
    )


def _action(value: Mapping[str, Any], columns: SiteColumns) -> Link | None:
    target = columns.by_code.get(value.get("action_column") or value.get("column") or "")
    return Link(value["action"], target.url) if value.get("action") and target else None


def _fill(panels: list[Panel], request: HttpRequest) -> None:
    """Give each panel the newest items of its column."""
    limits: dict[str, int] = {}
    for panel in panels:
        if panel.column and not panel.column.fed_by:
            limits[panel.column.path] = max(panel.limit, limits.get(panel.column.path, 0))
    sizes = site_columns(request).sizes(limits)
    found = newest_items(limits, sizes, root_url_path(request), restricted_paths(request))
    for path, items in found.items():
        shows_list(request, path, items, limits[path])
    for panel in panels:
        if panel.column:
            kind = panel.column.fed_by
            panel.items = (ClusterNews(kind, request) if kind else found[panel.column.path])[: panel.limit]


def _add_image(panels: list[Panel]) -> None:
    """Fetch the picture of the first headline that has one."""
    for panel in panels:
        if panel.layout == "headline" and panel.items and panel.items[0].image_id:
            recording.uses(keys.image(connection.schema_name, panel.items[0].image_id))
            panel.has_image, panel.image = True, picture_of(image_of(panel.items[0].image_id), ON_FRONT)
            return
