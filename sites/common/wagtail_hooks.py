"""The look of the admin of a site, and what of Wagtail its editors do not need.

Loaded by Wagtail.
"""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.urls.resolvers import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.rich_text.feature_registry import FeatureRegistry

from cluster.context import current_site
from sites.common.gate.panel import FindingsPanel
from sites.common.gate.views import item_views
from sites.common.gate.waivers import ADDRESS, WaiverMenuItem, waiver_urls
from sites.common.rich_text import PictureEmbedHandler

# Wagtail's own pages about itself, in English.
UNNEEDED_MENU_ITEMS = frozenset({"help"})


@hooks.register("insert_global_admin_css")
def admin_css() -> SafeString:
    """Load our small style sheet."""
    return format_html('<link rel="stylesheet" href="{}">', static("common/admin.css"))


@hooks.register("construct_main_menu")
def leave_out(request: HttpRequest, menu_items: list[Any]) -> None:
    """Take out of the menu what editors do not need."""
    menu_items[:] = [item for item in menu_items if item.name not in UNNEEDED_MENU_ITEMS]


@hooks.register("register_admin_viewset")
def gated_views() -> list[PageViewSet]:
    """Write and edit items behind the publish gate."""
    return item_views()


@hooks.register("register_admin_urls")
def waiver_page() -> list[URLPattern]:
    """Give the site's waivers an address."""
    return waiver_urls()


@hooks.register("register_admin_menu_item")
def waiver_menu_item() -> MenuItem:
    """Lead to the site's waivers."""
    return WaiverMenuItem("豁免", reverse_lazy(ADDRESS), name=ADDRESS, icon_name="clipboard-list", order=900)


@hooks.register("register_rich_text_features", order=1)
def picture_in_text(features: FeatureRegistry) -> None:
    """Show pictures inside texts like all others; after Wagtail has registered its own way."""
    features.register_embed_type(PictureEmbedHandler)


@hooks.register("construct_homepage_panels")
def show_findings(request: HttpRequest, panels: list[Any]) -> None:
    """Tell what the gate caught; the console has its own list."""
    site = current_site()
    if site is not None and not site.is_console and request.user.has_perm("wagtailadmin.access_admin"):
        panels.append(FindingsPanel())
