"""The admin's views that shape the tree of columns, made to say why they refuse: Wagtail's own sentence is the same for everything.

Hung into Wagtail's addresses by wagtail_hooks: these views ask for the permission before they run any hook. The rules stand in
policies and in the lock; here are sentences only.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin.modal_workflow import render_modal_workflow
from wagtail.admin.views.pages.bulk_actions.move import MoveBulkAction
from wagtail.models import Page

from sites.columns.lock.refusals import place_refusal
from sites.columns.models import ColumnPage
from sites.columns.policies import NEW_COLUMN, can_shape_columns, hiding_refusal, refusal

View = Callable[..., HttpResponse]
Explain = Callable[..., HttpResponse | None]


def refuse(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Return the way back, with the reason, where the page must stay as it is for this account."""
    return _back(request, page.get_parent(), refusal(request.user, page))


def _back(request: HttpRequest, place: Page, reason: str) -> HttpResponse | None:
    """Return the way to the place with the reason; None where there is none."""
    if not reason:
        return None
    messages.error(request, reason)
    return redirect(reverse("wagtailadmin_explore", args=[place.pk]))


def _explain_page(request: HttpRequest, *, page_id: int, **rest: Any) -> HttpResponse | None:
    page = Page.objects.filter(pk=page_id).first()
    return page and refuse(request, page)


def _explain_move(
    request: HttpRequest, *, page_to_move_id: int, destination_id: int | None = None, **rest: Any
) -> HttpResponse | None:
    page = Page.objects.filter(pk=page_to_move_id).first()
    place = Page.objects.filter(pk=destination_id).first()
    refused = page and refuse(request, page)
    if refused or not page or not place:
        return refused
    return _back(request, page.get_parent(), place_refusal(page, place))


def _explain_new(
    request: HttpRequest, *, content_type_app_name: str, content_type_model_name: str, parent_page_id: int
) -> HttpResponse | None:
    place = Page.objects.filter(pk=parent_page_id).first()
    if not place or (content_type_app_name, content_type_model_name) != ("columns", "columnpage"):
        return None
    reason = place_refusal(ColumnPage(), place) if can_shape_columns(request.user) else NEW_COLUMN
    return _back(request, place, reason)


def _explain_hiding(request: HttpRequest, *, page_id: int) -> HttpResponse | None:
    """Speak in the dialog itself; a request without its script gets a message."""
    page = Page.objects.filter(pk=page_id).first()
    reason = hiding_refusal(request.user, page) if page else ""
    if reason and request.headers.get("x-requested-with") == "XMLHttpRequest":
        return render_modal_workflow(request, "columns/not_hidden.html", None, {"sentence": reason})
    return page and _back(request, page.get_parent(), reason)


# Name of the address → what is asked before its view.
EXPLAINED: dict[str, Explain] = {
    "add": _explain_new,
    "delete": _explain_page,
    "unpublish": _explain_page,
    "copy": _explain_page,
    "move": _explain_move,
    "move_confirm": _explain_move,
    "set_privacy": _explain_hiding,
}


def explained(view: View, explain: Explain) -> View:
    """Ask for a reason against the request before the view."""

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return explain(request, **kwargs) or view(request, *args, **kwargs)

    return asking


class MoveInBulk(MoveBulkAction):
    """Wagtail's own, which says of a column in the choice why it cannot stand where it was to go."""

    def prepare_action(self, pages: list[Page], pages_without_access: dict[str, Any]) -> HttpResponse | None:
        """Refuse the whole action with the first reason; none of it is done by halves."""
        place = self.cleaned_form.cleaned_data["chooser"]
        for left in pages_without_access["pages_without_destination_access"]:
            refused = _back(self.request, left["item"].get_parent(), place_refusal(left["item"], place))
            if refused:
                return refused
        return super().prepare_action(pages, pages_without_access)
