"""What the admin of a site refuses about its structure, and the table of columns on its front page.

Loaded by Wagtail; the rules themselves stand in policies.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail import hooks
from wagtail.models import Page

from cluster.context import current_site
from sites.columns.dashboard import ColumnsPanel
from sites.columns.models import ColumnPage
from sites.columns.policies import can_shape_columns, refusal

# Bulk actions that only read or publish are not refused.
SHAPING_ACTIONS = frozenset({"delete", "move", "unpublish"})


def _refuse(request: HttpRequest, page: Page) -> HttpResponse | None:
    reason = refusal(request.user, page)
    if not reason:
        return None
    messages.error(request, reason)
    return redirect(reverse("wagtailadmin_explore", args=[page.get_parent().pk]))


@hooks.register("before_delete_page")
@hooks.register("before_unpublish_page")
@hooks.register("before_copy_page")
def keep_structure(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse to remove, withdraw or copy what holds the site together."""
    return _refuse(request, page)


@hooks.register("before_move_page")
def keep_place(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    """Refuse to move it."""
    return _refuse(request, page)


@hooks.register("before_create_page")
def keep_columns(request: HttpRequest, parent: Page, page_class: type[Page]) -> HttpResponse | None:
    """Refuse new columns to those who only write articles."""
    if page_class is not ColumnPage or can_shape_columns(request.user):
        return None
    messages.error(request, "新建栏目由本网站的管理员（site_admin）办理。要发布信息，请先进入栏目，再新建文章。")
    return redirect(reverse("wagtailadmin_explore", args=[parent.pk]))


@hooks.register("before_bulk_action")
def keep_structure_in_bulk(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    """Refuse the whole action when one of the chosen pages must stay."""
    if action_type not in SHAPING_ACTIONS:
        return None
    pages = [item for item in objects if isinstance(item, Page)]
    return next((response for page in pages if (response := _refuse(request, page))), None)


@hooks.register("construct_homepage_panels")
def add_columns(request: HttpRequest, panels: list[Any]) -> None:
    """Put the table of columns first; the console has none."""
    site = current_site()
    if site is not None and not site.is_console and request.user.has_perm("wagtailadmin.access_admin"):
        panels.append(ColumnsPanel())
