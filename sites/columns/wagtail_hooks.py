"""What the admin of a site says where its structure must stay, who gets its files, and the table of columns.

Loaded by Wagtail; the rules themselves stand in policies and hold in the API too: hooks only give the sentences.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail import hooks
from wagtail.actions import ActionRegistry
from wagtail.admin.modal_workflow import render_modal_workflow
from wagtail.admin.widgets import Button
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page

from cluster.context import current_site
from sites.columns import actions
from sites.columns.dashboard import ColumnsPanel
from sites.columns.file_access import may_read
from sites.columns.lock.refusals import place_sentence, takes_local_columns
from sites.columns.models import ColumnPage
from sites.columns.policies import NEW_COLUMN, can_shape_columns, hiding_refusal, refusal

# Bulk actions that only read or publish are not refused.
SHAPING_ACTIONS = frozenset({"delete", "move", "unpublish"})
SHAPING_VIEWS = frozenset({"delete", "unpublish", "copy", "move", "move_confirm"})
View = Callable[..., HttpResponse]


def _refuse(request: HttpRequest, page: Page) -> HttpResponse | None:
    reason = refusal(request.user, page)
    if not reason:
        return None
    messages.error(request, reason)
    return redirect(reverse("wagtailadmin_explore", args=[page.get_parent().pk]))


def _explained(view: View) -> View:
    """Let the view say why it refuses; Wagtail's own sentence is the same for everything."""

    @wraps(view)
    def explained(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page = Page.objects.filter(pk=kwargs.get("page_id") or kwargs.get("page_to_move_id")).first()
        return (page and _refuse(request, page)) or view(request, *args, **kwargs)

    return explained


def _explained_in_dialog(view: View) -> View:
    """Let the dialog "who may read this" say why it refuses; a request without its script gets a message."""

    @wraps(view)
    def explained(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page = Page.objects.filter(pk=kwargs.get("page_id")).first()
        reason = hiding_refusal(request.user, page) if page else ""
        if not reason:
            return view(request, *args, **kwargs)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            return render_modal_workflow(request, "columns/not_hidden.html", None, {"sentence": reason})
        messages.error(request, reason)
        return redirect(reverse("wagtailadmin_explore", args=[page.get_parent().pk]))

    return explained


@hooks.register("register_admin_urls")
def explain_refusals() -> list[Any]:
    """Wrap the views that shape the tree: they ask for the permission before they run any hook. Adds no address."""
    from wagtail.admin.urls import pages

    for pattern in pages.urlpatterns:
        if pattern.name in SHAPING_VIEWS:
            pattern.callback = _explained(pattern.callback)
        elif pattern.name == "set_privacy":
            pattern.callback = _explained_in_dialog(pattern.callback)
    return []


@hooks.register("register_actions")
def say_why(registry: ActionRegistry) -> None:
    """Give the API's refusals in Chinese."""
    actions.register(registry)


@hooks.register("before_create_page")
def keep_columns(request: HttpRequest, parent: Page, page_class: type[Page]) -> HttpResponse | None:
    """Refuse new columns to those who only write articles."""
    if page_class is not ColumnPage:
        return None
    if can_shape_columns(request.user):
        if takes_local_columns(parent):
            return None
        messages.error(request, place_sentence(parent.specific))
    else:
        messages.error(request, NEW_COLUMN)
    return redirect(reverse("wagtailadmin_explore", args=[parent.pk]))


@hooks.register("register_page_listing_buttons")
def lock_sign(page: Page, user: Any, next_url: str | None = None) -> Iterator[Button]:
    """Mark what the template planted in the explorer; the sign says why it stays."""
    if getattr(page, "planted", False):
        yield Button(
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
    return next((response for page in pages if (response := _refuse(request, page))), None)


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
