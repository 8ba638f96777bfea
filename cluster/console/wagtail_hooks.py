"""Hooks by which the console takes its place in Wagtail's admin; elsewhere they change nothing but the corner's mark.

The pages themselves stand in cluster.console.urls, which only the console's URL configuration includes.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html_join
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea

from cluster.console.panels import PANELS
from cluster.console.policies import CONSOLE, READ, is_in_console
from cluster.console.viewsets import VIEW_SETS

# What Wagtail offers and what makes sense without pages: the accounts below "Settings".
KEPT = {"settings"}


@hooks.register("construct_main_menu")
def show_console_menu(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Replace the menu of a content site by the console's."""
    if not is_in_console():
        return
    kept = [item for item in menu_items if item.name in KEPT]
    own = [one.get_menu_item(place) for place, one in enumerate(VIEW_SETS) if one.menu_label]
    menu_items[:] = [*(own if CONSOLE.user_has_permission(request.user, READ) else []), *kept]


@hooks.register("construct_settings_menu")
def show_console_settings(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Leave the accounts alone of Wagtail's settings."""
    if is_in_console():
        menu_items[:] = [item for item in menu_items if item.name == "users"]


@hooks.register("construct_homepage_panels")
def show_dashboard(request: HttpRequest, panels: list[Any]) -> None:
    """Replace the panels of a content site by the console's."""
    if is_in_console():
        panels[:] = [panel() for panel in PANELS]


@hooks.register("construct_homepage_summary_items", order=1000)
def hide_page_summary(request: HttpRequest, items: list[Any]) -> None:
    """Count no pages, pictures or documents where there are none."""
    if is_in_console():
        items.clear()


class SiteSearchArea(SearchArea):
    """The search of the sidebar: on the console it finds sites."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Offer it to those who read the console."""
        return CONSOLE.user_has_permission(request.user, READ)


@hooks.register("register_admin_search_area")
def search_sites() -> SearchArea:
    """Make the list of sites the first place to search."""
    address = reverse("console:sites", urlconf=settings.CONSOLE_URLCONF)
    return SiteSearchArea("站点", address, name="sites", icon_name="site", order=1)


@hooks.register("insert_global_admin_css")
def stylesheets() -> str:
    """Give every site's admin the mark of its site, and the console its colours of state."""
    names = ("brand", "console") if is_in_console() else ("brand",)
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"console/{name}.css"),) for name in names)
    )
