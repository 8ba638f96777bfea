"""The newest items of a column as RSS 2.0.

Called by ColumnPage's route rss/; readers subscribe to it, and other sites may take items from it.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from cluster.context import current_site
from cluster.edge import recording
from sites.columns.column_list import column_items
from sites.common.listing import site_path
from sites.common.routing import root_url_path
from sites.common.showing import shows_list

if TYPE_CHECKING:
    from sites.columns.models import ColumnPage

FEED_LENGTH = 30
_UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)


class ColumnFeed(Rss201rev2Feed):
    """RSS whose time depends on what it says alone: that of its newest item, or of the column itself while it has none.

    Where the column shows no dates (`is_dated`), the feed has none either, not even of its own making.
    """

    def __init__(self, *args: Any, last_changed: datetime | None, is_dated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last_changed = last_changed or _UNKNOWN
        self.is_dated = is_dated

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        """Say what the feed is; Django always tells the day of its making, too."""
        if self.is_dated:
            super().add_root_elements(handler)
            return
        for name in ("title", "link", "description", "language"):
            handler.addQuickElement(name, self.feed[name])
        handler.addQuickElement("atom:link", None, {"rel": "self", "href": self.feed["feed_url"]})

    def latest_post_date(self) -> datetime:
        """Return the time of the feed; Django's would be the present where no item has one."""
        return max((item["pubdate"] for item in self.items if item["pubdate"]), default=self.last_changed)


def column_feed(column: "ColumnPage", request: HttpRequest) -> HttpResponse:
    """Return the feed. Links are absolute, under the site's primary host whatever host was asked."""
    site, root = current_site(), root_url_path(request)
    site_url, site_name = (site.root_url, site.name) if site else ("", "")
    address = site_url + site_path(column.url_path, root)
    feed = ColumnFeed(
        title=f"{column.title} - {site_name}",
        link=address,
        description=column.description,
        language="zh-CN",
        feed_url=f"{address}rss/",
        last_changed=column.last_published_at,
        is_dated=column.shows_dates,
    )
    items = column_items(column, request)[:FEED_LENGTH]
    if not column.fed_by:
        shows_list(request, column.path, items, FEED_LENGTH)
    recording.storable(kind="feed", media_class="rss")
    for item in items:
        link = item.url if "://" in item.url else site_url + item.url
        feed.add_item(
            title=item.title,
            link=link,
            description=item.summary,
            pubdate=item.published_at if column.shows_dates else None,
            author_name=item.source,
            unique_id=link,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
