"""The list of sites: state, number of items, last publication, address. Read by office and inspectors."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from cluster.console.filters import SiteFilterSet
from cluster.console.queries import managed_sites
from cluster.console.tables import ConsoleListView, SiteLinksColumn, StateColumn, TimeColumn
from cluster.subsites.models import Subsite


class SiteListView(ConsoleListView):
    """All sites of the cluster but the console."""

    model = Subsite
    page_title = "站点"
    filterset_class = SiteFilterSet
    search_fields = ("code", "name", "short_name", "organizer", "region__name", "id_code")
    default_ordering = "code"
    columns = (
        TitleColumn(
            "name", label="网站名称", sort_key="name", get_url=lambda site: reverse("console:site", args=[site.code])
        ),
        Column("code", label="代码", sort_key="code"),
        Column("kind", label="类别", accessor="get_kind_display", sort_key="kind"),
        Column("region", label="行政区划", accessor="region.name", sort_key="region__code"),
        StateColumn("state", label="状态", sort_key="state"),
        NumberColumn("items", label="信息数", sort_key="items", classname="qz-number"),
        TimeColumn("last_published_at", label="最近发布", sort_key="last_published_at"),
        SiteLinksColumn("links", label="地址"),
    )
    list_export = (
        "code",
        "name",
        "get_kind_display",
        "region.name",
        "get_state_display",
        "items",
        "last_published_at",
        "root_url",
        "organizer",
        "id_code",
    )
    export_headings = {
        "get_kind_display": "类别",
        "region.name": "行政区划",
        "get_state_display": "状态",
        "items": "信息数",
        "last_published_at": "最近发布",
        "root_url": "地址",
    }
    export_filename = "sites"

    def get_base_queryset(self) -> QuerySet[Subsite]:
        """List the sites with their figures."""
        return managed_sites()

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Offer the opening of a site to the office."""
        if not self.user_has_permission("add"):
            return []
        return [HeaderButton("开通站点", url=reverse("console:open_site"), icon_name="plus")]
