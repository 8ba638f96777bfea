"""Bring a site into another state: explanation, reason, confirmation, job."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from wagtail.admin import messages

from cluster.console.forms.moves import MoveForm
from cluster.console.moves import Move, move_of
from cluster.console.ordering import order_once
from cluster.console.views.base import ConsoleFormView, sites_trail
from cluster.console.views.site import OneSiteMixin
from cluster.subsites.models import SiteState


class MoveView(OneSiteMixin, ConsoleFormView):
    """Ask for the reason and order the job."""

    form_class = MoveForm
    template_name = "console/move.html"
    header_icon = "warning"

    @cached_property
    def move(self) -> Move | None:
        """The move, or None where the site cannot make it now."""
        if self.kwargs["to"] not in SiteState.values:
            raise Http404
        return move_of(self.site, self.kwargs["to"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go back with a sentence where somebody else was quicker."""
        if self.may_act and self.move is None:
            wanted = SiteState(kwargs["to"]).label
            messages.warning(request, f"“{self.site.name}”现为{self.site.get_state_display()}，不能改为{wanted}。")
            return redirect("console:site", self.site.code)
        return super().dispatch(request, *args, **kwargs)

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the site."""
        return sites_trail(self.site)

    def get_page_title(self) -> str:
        """Name the move."""
        return self.move.label if self.move else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form which site and which move."""
        return {**super().get_form_kwargs(), "site": self.site, "move": self.move}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show what the move does, on a button that says it."""
        context = super().get_context_data(site_row=self.site, move=self.move, **kwargs)
        return {**context, "submit_button_label": f"确认{self.move.label}" if self.move else ""}

    def form_valid(self, form: MoveForm) -> HttpResponse:
        """Place the order and show it."""
        title = f"{form.move.label} {self.site.name}"
        job = order_once(form.move.job, form.params(), title=title, number=form.order_number())
        return redirect("console:job", job.pk)
