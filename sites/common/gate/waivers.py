"""The page 豁免 of a site's admin: what this site asked for, what came of it, and the administrator's form to ask.

Put into the admin by sites.common.wagtail_hooks; the office decides in the console (cluster.console.views.waivers).
"""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.decorators import method_decorator
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from cluster.column_templates.current import site_law
from cluster.column_templates.models import Waiver
from cluster.column_templates.waivers import WaiverRefused, ask_waiver, rules_of
from cluster.context import current_site
from cluster.subsites.models import Subsite

# The permission of the group site_admin: whoever answers for the columns asks for waivers.
ASK = "columns.change_columnpage"
ADDRESS = "waivers"


class AskWaiverForm(forms.Form):
    """One rule of one column, and why it cannot be kept."""

    rule = forms.ChoiceField(label="栏目与规则")
    reason = forms.CharField(
        label="理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="为什么做不到，打算何时做到。",
    )

    def __init__(self, *args: Any, site: Subsite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [
            (column.name, [(f"{column.code}|{rule}", words) for rule, words in rules])
            for column in site_law(site.kind).columns
            if len(rules := rules_of(site, column.code)) > 1
        ]
        self.fields["rule"].choices = [("", "请选择"), *groups]  # type: ignore[attr-defined]


@method_decorator(require_admin_access, name="dispatch")
class WaiversView(WagtailAdminTemplateMixin, FormView):
    """The list and the form."""

    form_class = AskWaiverForm
    template_name = "gate/waivers.html"
    page_title = "豁免"
    header_icon = "clipboard-list"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the page in sites alone; the console has its own."""
        site = current_site()
        if site is None or site.is_console:
            raise PermissionDenied
        self.site = site
        self.may_ask = request.user.has_perm(ASK)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the rules of this site's kind."""
        return {**super().get_form_kwargs(), "site": self.site}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show what this site asked for, and nothing of others."""
        waivers = Waiver.objects.filter(site=self.site)
        return super().get_context_data(waivers=waivers, may_ask=self.may_ask, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let administrators of the site ask."""
        if not self.may_ask:
            messages.error(request, "豁免由本网站的管理员（site_admin）申请。")
            return redirect(ADDRESS)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: AskWaiverForm) -> HttpResponse:
        """Ask, or tell at its field why not."""
        code, _, rule_id = form.cleaned_data["rule"].partition("|")
        try:
            ask_waiver(self.site, column_code=code, rule_id=rule_id, reason=form.cleaned_data["reason"])
        except WaiverRefused as refused:
            form.add_error("reason" if refused.field == "reason" else "rule", str(refused))
            return self.form_invalid(form)
        messages.success(self.request, "申请已提交，省级管理员批准后规则即不再拦截；结果在本页显示。")
        return redirect(ADDRESS)


def waiver_urls() -> list[URLPattern]:
    """Return the address of the page."""
    return [path("waivers/", WaiversView.as_view(), name=ADDRESS)]


class WaiverMenuItem(MenuItem):
    """The way to the page, for those who may ask."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Show it to administrators of a site."""
        return bool(request.user.has_perm(ASK))
