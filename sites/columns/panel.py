"""Panel: one block of a home page or one sub-column of an overview, with what it shows.

Filled by home_sections and column_list; drawn by templates/parts/panels/<layout>.html.
"""

from dataclasses import dataclass, field

from sites.columns.breadcrumb import Link
from sites.columns.cluster_news import SiteGroup
from sites.common.listing import ListedItem
from sites.common.navigation import SiteColumn
from sites.common.pictures import Picture

# A headline without a picture shows its next two items below it, in larger letters than the list.
SECONDS = 2


@dataclass(slots=True)
class Panel:
    """A heading, where it leads, and items or links below it."""

    layout: str
    heading: str
    url: str = ""
    column: SiteColumn | None = None
    items: list[ListedItem] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    groups: list[SiteGroup] = field(default_factory=list)
    action: Link | None = None
    # The picture of the first item, if the panel shows it; None where there is none or its file is lost.
    has_image: bool = False
    image: Picture | None = None
    limit: int = 0
    is_half: bool = False

    @property
    def template(self) -> str:
        """The template that draws it."""
        return f"parts/panels/{self.layout}.html"

    @property
    def shows_dates(self) -> bool:
        """Whether the items have their dates beside them; the law of the column says so."""
        return self.column is None or self.column.shows_dates

    @property
    def seconds(self) -> list[ListedItem]:
        """What stands below the first item of a headline; nothing where a picture stands."""
        return [] if self.image else self.items[1 : 1 + SECONDS]

    @property
    def rest(self) -> list[ListedItem]:
        """What the list beside the headline shows."""
        return self.items[1 + len(self.seconds) :]
