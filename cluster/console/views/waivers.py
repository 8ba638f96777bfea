"""Waivers and findings: what sites ask for, the office's decision, and what the publish gate caught."""

from typing import Any

import django_filters
from django.db.models import Case, QuerySet, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from cluster.column_templates.current import site_law
from cluster.column_templates.models import Waiver, WaiverState
from cluster.column_templates.waivable import column_words, rule_words
from cluster.column_templates.waivers import WaiverRefused, end_waiver, grant_waiver, refuse_waiver
from cluster.console.filters import RegionFilter, SiteKindFilter
from cluster.console.forms.waivers import DecideWaiverForm
from cluster.console.tables import ConsoleListView, StateColumn, TimeColumn
from cluster.console.views.base import ConsoleFormView
from cluster.findings.models import Finding


def column_of(row: Waiver) -> str:
    """Say where a waiver holds, in words."""
    return column_words(site_law(row.site.kind), row.column_code)


def rule_of(row: Waiver) -> str:
    """Say which rule a waiver names, in words."""
    return rule_words(site_law(row.site.kind), row.column_code, row.rule_id)


class WaiverFilterSet(WagtailFilterSet):
    """State, kind and region of the site, end of the period."""

    state = django_filters.ChoiceFilter(label="状态", choices=WaiverState.choices, empty_label="全部")
    kind = SiteKindFilter(field_name="site__kind")
    region = RegionFilter(field_name="site__region")
    expires_on = django_filters.DateFromToRangeFilter(label="有效期至", widget=DateRangePickerWidget)

    class Meta:
        model = Waiver
        fields = ()


class WaiverListView(ConsoleListView):
    """All waivers, those that wait first."""

    model = Waiver
    page_title = "豁免"
    filterset_class = WaiverFilterSet
    search_fields = ("column_code", "rule_id", "reason", "site__name")
    default_ordering = "waits"
    among_equals = ("-asked_at", "pk")
    columns = (
        TitleColumn(
            "site", label="站点", sort_key="site__name", get_url=lambda row: reverse("console:waiver", args=[row.pk])
        ),
        Column("column_code", label="栏目", accessor=column_of, sort_key="column_code"),
        Column("rule_id", label="规则", accessor=rule_of),
        StateColumn("state", label="状态", sort_key="waits"),
        Column("expires_on", label="有效期至", accessor=lambda row: str(row.expires_on or ""), sort_key="expires_on"),
        Column("signer", label="签批人", accessor="signer_name"),
        TimeColumn("asked_at", label="申请时间", sort_key="asked_at"),
    )
    list_export = (
        *("site.code", "site.name", "column_code", "column", "rule_id", "rule", "get_state_display", "reason"),
        *("asked_by_name", "asked_at", "signer_name", "decided_at", "expires_on", "note"),
    )
    export_headings = {
        "site.code": "站点代码",
        "site.name": "站点",
        "column": "栏目",
        "rule_id": "规则编号",
        "rule": "规则",
        "get_state_display": "状态",
        "asked_by_name": "申请人",
        "signer_name": "签批人",
    }
    export_values = {"column": column_of, "rule": rule_of}
    export_filename = "waivers"

    def get_base_queryset(self) -> QuerySet[Waiver]:
        """List all."""
        waits = Case(*(When(state=state, then=place) for place, state in enumerate(WaiverState)), default=9)
        return Waiver.objects.select_related("site").annotate(waits=waits)


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
        return f"{self.waiver.site.name}：{column_of(self.waiver)}"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form where the waiver stands."""
        return {**super().get_form_kwargs(), "waiver": self.waiver}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the waiver; the form is the office's, and of what can still be decided."""
        waiver = self.waiver
        context = super().get_context_data(waiver=waiver, column=column_of(waiver), rule=rule_of(waiver), **kwargs)
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
    list_export = ("site", "title", "column_code", "get_kind_display", "sentences", "found_at", "settled_at")
    export_headings = {"get_kind_display": "处置", "sentences": "问题"}
    export_filename = "findings"

    def get_base_queryset(self) -> QuerySet[Finding]:
        """List all, also those that are settled."""
        return Finding.objects.select_related("site")
