"""The pages 豁免 of a site's admin: what this site asked for and what came of it, and the administrator's form to ask.

Put into the admin by sites.common.wagtail_hooks; the office decides in the console (cluster.console.views.waivers).
"""

from itertools import groupby, islice
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.forms.boundfield import BoundWidget
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.decorators import method_decorator
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from cluster.column_templates.current import site_law
from cluster.column_templates.models import Waiver
from cluster.column_templates.waivable import WHOLE_SITE, WaivableRule, column_words, rule_words, waivable_rules
from cluster.column_templates.waivers import WaiverRefused, ask_waiver
from cluster.context import current_site

# The permission of the group site_admin: whoever answers for the columns asks for waivers.
ASK = "columns.change_columnpage"
ADDRESS, ASK_ADDRESS, ASK_FOR_SITE_ADDRESS = "waivers", "ask_waiver", "ask_site_waiver"
TITLE = "豁免"
# Stands for "every rule of the column" where an empty value would mean that nothing was chosen.
EVERY = "all"


class AskWaiverForm(forms.Form):
    """One of the rules, and why it cannot be kept."""

    rule = forms.ChoiceField(
        label="不能遵守的规则", widget=forms.RadioSelect, error_messages={"required": "请选择一条规则。"}
    )
    reason = forms.CharField(
        label="理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="为什么做不到，打算何时做到。",
    )

    def __init__(self, *args: Any, rules: list[WaivableRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [  # type: ignore[attr-defined]
            (group, [(one.rule_id or EVERY, one.words) for one in ones])
            for group, ones in groupby(rules, key=lambda one: one.group)
        ]

    @property
    def groups(self) -> list[tuple[str, list[BoundWidget]]]:
        """The choices below their headings, as the page draws them."""
        choices = iter(self["rule"].subwidgets)
        found = self.fields["rule"].choices  # type: ignore[attr-defined]
        return [(heading, list(islice(choices, len(ones)))) for heading, ones in found]


@method_decorator(require_admin_access, name="dispatch")
class WaiverPage(WagtailAdminTemplateMixin):
    """A page of waivers, of the current site alone; the console has its own."""

    header_icon = "clipboard-list"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the page in sites alone."""
        site = current_site()
        if site is None or site.is_console:
            raise PermissionDenied
        self.site, self.law = site, site_law(site.kind)
        self.may_ask = request.user.has_perm(ASK)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class WaiversView(WaiverPage, TemplateView):
    """What this site asked for, and nothing of others; and the way to the form."""

    template_name = "gate/waivers.html"
    page_title = TITLE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead from the choice of a column to its form."""
        if "column" in request.GET:
            code = request.GET["column"]
            return redirect(ASK_ADDRESS, code) if self.law.column(code) else redirect(ASK_FOR_SITE_ADDRESS)
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Lead from the dashboard here."""
        return [*self.breadcrumbs_items, {"url": "", "label": TITLE}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say columns and rules in words."""
        rows = [
            (one, column_words(self.law, one.column_code), rule_words(self.law, one.column_code, one.rule_id))
            for one in Waiver.objects.filter(site=self.site)
        ]
        return super().get_context_data(
            rows=rows, may_ask=self.may_ask, columns=self.law.columns, whole_site=WHOLE_SITE, **kwargs
        )


class AskWaiverView(WaiverPage, FormView):
    """Ask for one rule of a column or, without a column, for one in all of the site."""

    form_class = AskWaiverForm
    template_name = "gate/ask_waiver.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let administrators of the site ask, and for columns of the template alone."""
        site = current_site()
        if site is not None and not site.is_console and not request.user.has_perm(ASK):
            messages.error(request, "豁免由本网站的管理员（site_admin）申请。")
            return redirect(ADDRESS)
        return super().dispatch(request, *args, **kwargs)

    @property
    def code(self) -> str:
        """The column of the address; empty for the whole site."""
        return str(self.kwargs.get("code", ""))

    def get_page_title(self) -> str:
        """Name the column."""
        return f"申请豁免：{column_words(self.law, self.code)}"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Lead back to the list."""
        above = {"url": reverse(ADDRESS), "label": TITLE}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_page_title()}]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer what can be waived here; the side panel of an item names the rule."""
        rules = waivable_rules(self.law, self.code)
        if not rules:
            raise Http404
        return {**super().get_form_kwargs(), "rules": rules, "initial": {"rule": self.request.GET.get("rule")}}

    def form_valid(self, form: AskWaiverForm) -> HttpResponse:
        """Ask, or tell at its field why not."""
        rule = form.cleaned_data["rule"]
        rule_id = "" if rule == EVERY else rule
        try:
            ask_waiver(self.site, column_code=self.code, rule_id=rule_id, reason=form.cleaned_data["reason"])
        except WaiverRefused as refused:
            form.add_error("reason" if refused.field == "reason" else "rule", str(refused))
            return self.form_invalid(form)
        messages.success(self.request, "申请已提交，省级管理员批准后即生效；结果在本页显示。")
        return redirect(ADDRESS)


def waiver_urls() -> list[URLPattern]:
    """Return the addresses of the pages."""
    return [
        path("waivers/", WaiversView.as_view(), name=ADDRESS),
        path("waivers/ask/", AskWaiverView.as_view(), name=ASK_FOR_SITE_ADDRESS),
        path("waivers/ask/<slug:code>/", AskWaiverView.as_view(), name=ASK_ADDRESS),
    ]


class WaiverMenuItem(MenuItem):
    """The way to the page, for those who may ask."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Show it to administrators of a site."""
        return bool(request.user.has_perm(ASK))
