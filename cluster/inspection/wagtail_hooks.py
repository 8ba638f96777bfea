"""Hooks by which the clock shows in the admin of every site: the panel of deadlines, the pages of duties.

On the console nothing is added: its own pages stand in cluster.console.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cluster.context import current_site
from cluster.inspection.panels import DeadlinesPanel
from cluster.inspection.policies import may_assign
from cluster.inspection.views import DutyListView, DutyView


@hooks.register("construct_homepage_panels")
def add_deadlines(request: HttpRequest, panels: list[Any]) -> None:
    """Show how the columns stand to everybody who works on the site."""
    site = current_site()
    if site is not None and not site.is_console and request.user.has_perm("wagtailadmin.access_admin"):
        panels.append(DeadlinesPanel())


@hooks.register("register_admin_urls")
def duty_urls() -> list[URLPattern]:
    """Add the pages of duties."""
    return [
        path("duties/", DutyListView.as_view(), name="column_duties"),
        path("duties/<slug:code>/", DutyView.as_view(), name="column_duty"),
    ]


class DutyMenuItem(MenuItem):
    """The way to the duties, for those who assign them."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Show it to administrators of a site."""
        return may_assign(request.user)


@hooks.register("register_settings_menu_item")
def duty_menu_item() -> MenuItem:
    """Put the duties below the settings."""
    return DutyMenuItem("栏目责任人", reverse("column_duties"), name="duties", icon_name="user", order=50)
