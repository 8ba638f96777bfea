"""What the admin of a site says where its structure must stay, who gets its files, and the table of columns.

Loaded by Wagtail; the rules themselves stand in policies and hold in the API too: hooks only give the sentences.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from wagtail import hooks
from wagtail.actions import ActionRegistry
from wagtail.admin.widgets import ListingButton
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page

from cluster.context import current_site
from sites.columns import actions, explaining
from sites.columns.dashboard import ColumnsPanel
from sites.columns.file_access import may_read
from sites.columns.policies import refusal

# Bulk actions that only read or publish are not refused.
SHAPING_ACTIONS = frozenset({"delete", "move", "unpublish"})


@hooks.register("register_admin_urls")
def explain_refusals() -> list[Any]:
    """Hang the reasons before the views that shape the tree. Adds no address."""
    from wagtail.admin.urls import pages

    for pattern in pages.urlpatterns:
        if pattern.name in explaining.EXPLAINED:
            pattern.callback = explaining.explained(pattern.callback, explaining.EXPLAINED[pattern.name])
    return []


hooks.register("register_bulk_action", explaining.MoveInBulk, order=10)


@hooks.register("register_actions")
def say_why(registry: ActionRegistry) -> None:
    """Give the API's refusals in Chinese."""
    actions.register(registry)


@hooks.register("register_page_listing_buttons")
def lock_sign(page: Page, user: Any, next_url: str | None = None) -> Iterator[ListingButton]:
    """Mark what the template planted in the explorer; the sign says why it stays."""
    if getattr(page, "planted", False):
        yield ListingButton(
            "统一栏目",
            reverse("wagtailadmin_pages:edit", args=[page.pk]),
            icon_name="lock",
            attrs={"title": refusal(user, page)},
            priority=100,
        )


@hooks.register("before_bulk_action")
def keep_structure_in_bulk(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    """Refuse the whole action when one of the chosen pages must stay; Wagtail would do the rest without a word."""
    if action_type not in SHAPING_ACTIONS or not issubclass(action.model, Page):
        return None
    _, left_out = action.get_actionable_objects()
    pages = [*objects, *left_out["items_with_no_access"]]
    return next((response for page in pages if (response := explaining.refuse(request, page))), None)


@hooks.register("before_serve_document", order=-1)
def hide_unpublished_files(document: AbstractDocument, request: HttpRequest) -> None:
    """Answer 404 to visitors for a file that nothing published shows; comes before the question for a password."""
    if not may_read(document, request):
        raise Http404("附件不存在，或所属信息尚未发布、已经撤回。")


@hooks.register("construct_homepage_panels")
def add_columns(request: HttpRequest, panels: list[Any]) -> None:
    """Add the table of columns; the console has none."""
    site = current_site()
    if site is not None and not site.is_console and request.user.has_perm("wagtailadmin.access_admin"):
        panels.append(ColumnsPanel())
