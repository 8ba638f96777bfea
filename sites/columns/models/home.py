"""HomePage: the front page of a site, one in each, made of blocks that columns feed.

Planted by sites.columns.planting; it also finds the page that a request asks for.
"""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from wagtail.admin.panels import FieldPanel, ObjectList, TabbedInterface
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from sites.columns.blocks import home_blocks
from sites.columns.home_sections import home_context
from sites.columns.models.column import SHAPE_COLUMNS
from sites.common.models import BasePage
from sites.common.routing import remember_chain

# What a breadcrumb and the way to the specific page need; the other thirty columns of a page are left where they are.
CHAIN_FIELDS = ("title", "slug", "url_path", "path", "depth", "content_type", "live")


class HomePage(BasePage):
    """The root of a site's pages."""

    blocks = StreamField(home_blocks(), verbose_name="首页版块", blank=True)

    template = "columns/home_page.html"
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["columns.ColumnPage"]
    page_description = "网站首页，由各栏目的最新信息组成。"

    edit_handler = TabbedInterface([ObjectList([FieldPanel("blocks", permission=SHAPE_COLUMNS)], heading="首页")])

    class Meta:
        verbose_name = "首页"
        verbose_name_plural = "首页"

    def __str__(self) -> str:
        return self.title

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the blocks with their items."""
        return {**super().get_context(request, *args, **kwargs), **home_context(self, request)}

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page for an address with one query for all its parts, where Wagtail asks two for each."""
        if not path_components:
            return super().route(request, path_components)
        chain = self._chain(path_components)
        if not chain:
            raise Http404
        remember_chain(request, chain)
        return chain[-1].specific.route(request, path_components[len(chain) :])

    def _chain(self, path_components: list[str]) -> list[Page]:
        paths, below = [], self.url_path
        for component in path_components:
            below += f"{component}/"
            paths.append(below)
        # The slugs are there for their index: url_path has none.
        found = Page.objects.filter(slug__in=path_components, url_path__in=paths).only(*CHAIN_FIELDS)
        pages = {page.url_path: page for page in found}
        chain = []
        for url_path in paths:
            if url_path not in pages:
                break
            chain.append(pages[url_path])
        return chain
