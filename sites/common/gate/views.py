"""The editor's views of items: the state of every rule while writing, and a refusal in the form that loses nothing typed.

Registered by sites.common.wagtail_hooks for every kind of item. A POST with ?gate-state answers with the state of the unsaved
form and saves nothing.
"""

import copy
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page

from cluster.context import current_site
from sites.common.gate.errors import Refusal
from sites.common.gate.examining import Examined, examine
from sites.common.gate.passes import override, refusals_of
from sites.common.gate.side_panel import GateSidePanel, state_of
from sites.common.listing import listed_models
from sites.common.page_form import SitePageForm

STATE = "gate-state"
REASON = "gate_reason"
# Publishing, scheduling (a publication with a later hour), submitting, and approving what the form just changed.
GATED = frozenset({"publish", "submit", "restart_workflow", "perform_workflow_action"})


class GatedView:
    """What creating and editing have in common."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the side panel's question, or go on."""
        if STATE in request.GET:
            return self._state(request)
        response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Ask the gate before anything is written; a refused form comes back as it was typed."""
        if self.action_name in GATED:  # type: ignore[attr-defined]
            refusals = self._refusals(form)
            if refusals:
                form.add_error(None, [sentence for refusal in refusals for sentence in refusal.sentences])
                answer: HttpResponse = self.form_invalid(form)  # type: ignore[attr-defined]
                return answer
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        return response

    def get_side_panels(self) -> Any:
        """Add the panel of the gate to Wagtail's own."""
        panels = super().get_side_panels()  # type: ignore[misc]
        site = current_site()
        if site is None or getattr(self, "expects_json_response", False) or getattr(self, "hydrate_create_view", False):
            return panels
        one = self._examined(self._as_shown())
        panels.append(GateSidePanel(self.page, self.request, one=one))  # type: ignore[attr-defined]
        return panels

    def _as_shown(self) -> Page:
        """Return the page as the form shows it: a new one already has what the form proposes."""
        page: Page = self.page  # type: ignore[attr-defined]
        form: SitePageForm = self.form  # type: ignore[attr-defined]
        if form.is_bound or not form.proposed:
            return page
        shown = copy.copy(page)
        for name, value in form.proposed.items():
            setattr(shown, name, value)
        return shown

    def _refusals(self, form: Any) -> list[Refusal]:
        reason = self.request.POST.get(REASON, "").strip()  # type: ignore[attr-defined]
        if reason:
            override(reason)
        return refusals_of([self._examined(form.save(commit=False))])

    def _examined(self, page: Page) -> Examined:
        site = current_site()
        assert site is not None  # noqa: S101 - the admin of a site
        (one,) = examine(site, [page], parent=getattr(self, "parent_page", None))
        return one

    def _state(self, request: HttpRequest) -> JsonResponse:
        """Judge the form as it is typed, whatever is missing in it."""
        form = self.form_class(  # type: ignore[attr-defined]
            request.POST,
            request.FILES,
            instance=self.page,  # type: ignore[attr-defined]
            subscription=self.subscription,  # type: ignore[attr-defined]
            parent_page=getattr(self, "parent_page", None) or self.page.get_parent(),  # type: ignore[attr-defined]
            for_user=request.user,
        )
        form.defer_required_fields()
        page = form.save(commit=False) if form.is_valid() else form.instance
        state = state_of(self._examined(page), request.user)
        html = render_to_string("gate/verdicts.html", {"state": state}, request=request)
        return JsonResponse({"html": html, "count": state.count, "needs_reason": state.needs_reason})


class GatedEditView(GatedView, EditView):
    """Editing an item."""


class GatedCreateView(GatedView, CreateView):
    """Writing a new item."""


class ItemViewSet(PageViewSet):
    """The views of one kind of item."""

    parent_models: list[type[Page]] = []
    edit_view_class = GatedEditView
    add_view_class = GatedCreateView


def item_views() -> list[PageViewSet]:
    """Return the views of every kind of item; Wagtail looks them up by the type of the page."""
    return [type(f"{model.__name__}ViewSet", (ItemViewSet,), {"model": model})() for model in listed_models()]
