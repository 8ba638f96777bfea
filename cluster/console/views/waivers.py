"""Waivers and findings: what sites ask for, the office's decision, and what the publish gate caught."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn

from cluster.column_templates.models import Waiver
from cluster.column_templates.waivers import WaiverRefused, end_waiver, grant_waiver, refuse_waiver
from cluster.console.forms.waivers import DecideWaiverForm
from cluster.console.tables import ConsoleListView, StateColumn, TimeColumn
from cluster.console.views.base import ConsoleFormView
from cluster.findings.models import Finding


class WaiverListView(ConsoleListView):
    """All waivers, those that wait first."""

    model = Waiver
    page_title = "豁免"
    header_icon = "clipboard-list"
    index_url_name = "console:waivers"
    index_results_url_name = "console:waivers_results"
    search_fields = ("column_code", "rule_id", "reason", "site__name")
    default_ordering = "-asked_at"
    columns = (
        TitleColumn(
            "site", label="站点", sort_key="site__name", get_url=lambda row: reverse("console:waiver", args=[row.pk])
        ),
        Column("column_code", label="栏目", sort_key="column_code"),
        Column("rule_id", label="规则", accessor=lambda row: row.rule_id or "全部规则"),
        StateColumn("state", label="状态", sort_key="state"),
        Column("expires_on", label="有效期至", sort_key="expires_on"),
        TimeColumn("asked_at", label="申请时间", sort_key="asked_at"),
    )
    list_export = ("site", "column_code", "rule_id", "state", "reason", "note", "asked_at", "decided_at", "expires_on")
    export_filename = "waivers"

    def get_base_queryset(self) -> QuerySet[Waiver]:
        """List all."""
        return Waiver.objects.select_related("site")


class WaiverView(ConsoleFormView):
    """One waiver with what the site says, and the office's decision."""

    permission_required = "view"
    form_class = DecideWaiverForm
    template_name = "console/waiver.html"
    header_icon = "clipboard-list"
    submit_label = "确定"

    @cached_property
    def waiver(self) -> Waiver:
        """The waiver of the address."""
        return get_object_or_404(Waiver.objects.select_related("site"), pk=self.kwargs["pk"])

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return [(reverse("console:waivers"), "豁免")]

    def get_page_title(self) -> str:
        """Name what is asked."""
        return f"{self.waiver.site.name}：{self.waiver.column_code}"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form where the waiver stands."""
        return {**super().get_form_kwargs(), "waiver": self.waiver}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the waiver; the form is the office's, and of what can still be decided."""
        context = super().get_context_data(waiver=self.waiver, **kwargs)
        return {**context, "may_decide": self.may_act and bool(context["form"].fields["decision"].choices)}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let the office alone decide."""
        if not self.may_act:
            messages.error(request, "豁免由省级管理员（office）审批。")
            return redirect("console:waivers")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: DecideWaiverForm) -> HttpResponse:
        """Decide, or tell at its field why not."""
        typed = form.cleaned_data
        try:
            if typed["decision"] == "grant":
                grant_waiver(self.waiver, expires_on=typed["expires_on"], note=typed["note"])
            else:
                {"refuse": refuse_waiver, "end": end_waiver}[typed["decision"]](self.waiver, note=typed["note"])
        except WaiverRefused as refused:
            form.add_error(refused.field, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, "已记录，申请的网站随即可以看到。")
        return redirect("console:waivers")


class FindingListView(ConsoleListView):
    """What was caught around the gate, in all sites."""

    model = Finding
    page_title = "发布检查发现"
    header_icon = "warning"
    index_url_name = "console:findings"
    index_results_url_name = "console:findings_results"
    search_fields = ("title", "column_code", "site__name")
    default_ordering = "-found_at"
    columns = (
        Column("title", label="标题"),
        Column("site", label="站点", sort_key="site__name"),
        Column("column_code", label="栏目", sort_key="column_code"),
        Column("kind", label="处置", accessor="get_kind_display", sort_key="kind"),
        Column("sentences", label="问题", accessor=lambda row: " ".join(row.sentences)),
        TimeColumn("found_at", label="发现时间", sort_key="found_at"),
        TimeColumn("settled_at", label="解决时间", sort_key="settled_at"),
    )
    list_export = ("site", "title", "column_code", "kind", "found_at", "settled_at")
    export_filename = "findings"

    def get_base_queryset(self) -> QuerySet[Finding]:
        """List all, also those that are settled."""
        return Finding.objects.select_related("site")
