"""What the pages of the console have in common: the rule, the furniture of Wagtail's admin, the way back.

Extended by the other views.
"""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from cluster.console.policies import CONSOLE, READ
from cluster.subsites.models import Subsite


class ConsoleMixin(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page of the console; `permission_required` names what the user must be allowed to do."""

    permission_policy = CONSOLE
    permission_required: str | None = READ
    header_icon = "site"

    def trail(self) -> list[tuple[str, str]]:
        """Return (address, label) of the pages above this one."""
        return []

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Lead from the dashboard to this page."""
        above = [{"url": url, "label": label} for url, label in self.trail()]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def may_act(self) -> bool:
        """Whether the user is of the office."""
        return self.user_has_permission("change")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell the template who reads it."""
        return super().get_context_data(may_act=self.may_act, **kwargs)


class ConsolePage(ConsoleMixin, TemplateView):
    """A page to read."""


class ConsoleFormView(ConsoleMixin, FormView):
    """A page with a form for the office; what was typed stays in a refused form."""

    permission_required = "change"
    template_name = "console/form.html"
    submit_label = "提交"
    submit_active_label = "正在提交…"
    refused_message = "没有提交：请按提示改正后重新提交，已填写的内容都已保留。"

    def form_invalid(self, form: forms.BaseForm) -> HttpResponse:
        """Say above the form that something in it is wrong."""
        messages.validation_error(self.request, self.refused_message, form)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give Wagtail's form template its words."""
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "action_url": self.request.get_full_path(),
            "submit_button_label": self.submit_label,
            "submit_button_active_label": self.submit_active_label,
            "has_unsaved_changes": context["form"].is_bound,
            "media": context["form"].media,
        }


def sites_trail(site: Subsite | None = None) -> list[tuple[str, str]]:
    """Return the way to the list of sites, and to one of them."""
    way = [(reverse("console:sites"), "站点")]
    return [*way, (reverse("console:site", args=[site.code]), site.name)] if site else way
