"""The board of columns over all sites: state, last publication, limit, officer; and one site with every verdict's evidence.

The list shows the states that the clock left last and says when; the page of a site is evaluated on the spot, for any past day.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Case, F, IntegerField, Prefetch, QuerySet, Value, When
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn

from cluster.column_templates.models import Waiver, WaiverState
from cluster.console.filters import RegionFilter, SiteKindFilter
from cluster.console.tables import ConsoleListView, StateColumn, WaiversColumn
from cluster.console.views.base import ConsolePage
from cluster.console.views.waivers import rule_of
from cluster.inspection.evaluation import Evaluation, evaluate
from cluster.inspection.models import Clock, ColumnState, InspectionRun
from cluster.inspection.moment import DayRefused
from cluster.inspection.notices import forecast, forecast_sentence
from cluster.inspection.outcomes import has_veto, veto_sentence, vetoed_sites
from cluster.subsites.models import SiteKind, Subsite

BOARD = "栏目时限"


class BoardFilterSet(WagtailFilterSet):
    """Region, kind and site, state, officer, waiver."""

    state = django_filters.MultipleChoiceFilter(label="状态", choices=Clock.choices, widget=CheckboxSelectMultiple)
    kind = SiteKindFilter(field_name="site__kind")
    region = RegionFilter(field_name="site__region")
    # Typed, not chosen: a list of all sites would be half of the page.
    site = django_filters.CharFilter(label="站点代码", field_name="site__code", lookup_expr="iexact")
    officer = django_filters.CharFilter(label="责任人", field_name="officer_name", lookup_expr="icontains")
    due = django_filters.ChoiceFilter(
        label="预测",
        choices=[("soon", f"{settings.INSPECTION_FORECAST_DAYS}天内将超期")],
        empty_label="全部",
        method="due_soon",
    )
    failed = django_filters.ChoiceFilter(
        label="检查规则", choices=[("veto", "单项否决的网站")], empty_label="全部", method="of_failed_sites"
    )
    waived = django_filters.BooleanFilter(label="豁免", field_name="waiver", lookup_expr="isnull", exclude=True)

    class Meta:
        model = ColumnState
        fields = ()

    def due_soon(self, queryset: QuerySet[ColumnState], name: str, value: str) -> QuerySet[ColumnState]:
        """Keep what the forecast counts."""
        return forecast(queryset)

    def of_failed_sites(self, queryset: QuerySet[ColumnState], name: str, value: str) -> QuerySet[ColumnState]:
        """Keep the columns of sites that a rule fails."""
        return queryset.filter(has_veto())


def days_left(row: ColumnState) -> str:
    """Say how many days are left, or by how many the limit is past; nothing where none runs."""
    if row.due_on is None or row.state in (Clock.DOWN, Clock.BLANK):
        return ""
    left = (row.due_on - timezone.localdate()).days
    if left < 0:
        return f"超{-left}天"
    # Late before its day: its list shows no dates.
    return "" if row.state == Clock.LATE else f"{left}天"


def waivers_of(row: ColumnState) -> list[Waiver]:
    """Return what is waived in the row's column, first what its state is about."""
    found = [one for one in row.site.granted_waivers if one.column_code == row.column_code]
    return sorted(found, key=lambda one: one.pk != row.waiver_id)


def _joined(words: Iterable[str]) -> str:
    return "；".join(words)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def site_words(row: ColumnState) -> str:
    """Name the site, and say where a rule fails it."""
    return f"{row.site.name}（单项否决）" if row.is_failed else row.site.name  # type: ignore[attr-defined]


# The gravest first, as the list is ordered unless asked otherwise.
GRAVITY = (Clock.LATE, Clock.BLANK, Clock.SOON, Clock.DOWN, Clock.NORMAL)


class BoardView(ConsoleListView):
    """All mandatory columns of all sites."""

    model = ColumnState
    page_title = BOARD
    template_name = "console/board.html"
    filterset_class = BoardFilterSet
    search_fields = ("name", "column_code", "site__name", "officer_name", "unit")
    default_ordering = "gravity"
    columns = (
        TitleColumn(
            "name",
            label="栏目",
            sort_key="name",
            get_url=lambda row: f"{reverse('console:inspection', args=[row.site.code])}#{row.column_code}",
        ),
        Column("site", label="站点", accessor=site_words, sort_key="site__name", classname="qz-rule"),
        StateColumn("state", label="状态", sort_key="gravity"),
        Column("last_on", label="最近首次发布", sort_key="last_on", accessor=lambda row: _day(row.last_on)),
        Column(
            "due_on",
            label="应更新至",
            sort_key="due_on",
            accessor=lambda row: _day(row.due_on) + ("（暂定）" if row.provisional else ""),
        ),
        Column("left", label="剩余", accessor=days_left, classname="qz-number"),
        NumberColumn("items", label="条数", sort_key="items", classname="qz-number"),
        Column(
            "officer_name", label="责任人", sort_key="officer_name", accessor=lambda row: row.officer_name or row.unit
        ),
        WaiversColumn("waivers", label="豁免", accessor=waivers_of, sort_key="waiver__expires_on"),
    )
    list_export = (
        *("site.code", "site.name", "site.get_kind_display", "site.region.name", "column_code", "name"),
        *("get_state_display", "last_on", "last_title", "due_on", "left", "items", "unit", "officer_name"),
        *("waived", "waived_rules", "waived_by", "waived_for", "waived_until", "sentence", "evaluated_at"),
    )
    export_headings = {
        "site.code": "站点代码",
        "site.name": "站点",
        "site.get_kind_display": "类别",
        "site.region.name": "行政区划",
        "get_state_display": "状态",
        "left": "剩余",
        "waived": "状态豁免",
        "waived_rules": "豁免的规则",
        "waived_by": "豁免签批人",
        "waived_for": "豁免理由",
        "waived_until": "豁免有效期至",
    }
    export_values = {
        "left": days_left,
        "waived": lambda row: "是" if row.waived else "否",
        "waived_rules": lambda row: _joined(rule_of(one) for one in waivers_of(row)),
        "waived_by": lambda row: _joined(one.signer_name for one in waivers_of(row)),
        "waived_for": lambda row: _joined(one.reason for one in waivers_of(row)),
        "waived_until": lambda row: _joined(str(one.expires_on) for one in waivers_of(row)),
    }
    export_filename = "columns"

    def get_base_queryset(self) -> QuerySet[ColumnState]:
        """List the states with their sites, and what is waived there today."""
        places = [When(state=state, then=Value(place)) for place, state in enumerate(GRAVITY)]
        granted = Waiver.objects.filter(state=WaiverState.GRANTED, expires_on__gte=timezone.localdate())
        return (
            ColumnState.objects.select_related("site__region")
            .prefetch_related(Prefetch("site__waivers", granted.select_related("site"), to_attr="granted_waivers"))
            .annotate(gravity=Case(*places, output_field=IntegerField()), is_failed=has_veto())
        )

    def order_queryset(self, queryset: QuerySet[ColumnState]) -> QuerySet[ColumnState]:
        """Order as asked; among equals what is due first, and what has no limit last."""
        ordering = str(self.ordering)
        field = F(ordering.removeprefix("-"))
        order = field.desc(nulls_last=True) if ordering.startswith("-") else field.asc(nulls_last=True)
        return queryset.order_by(order, F("due_on").asc(nulls_last=True), "pk")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say what is to come, which sites fail, and when everything was looked at last."""
        coming = forecast(ColumnState.objects.all()).count()
        return {
            **super().get_context_data(*args, **kwargs),
            "coming": coming,
            "forecast": forecast_sentence(coming),
            "vetoed": veto_sentence(vetoed_sites()),
            "run": InspectionRun.objects.first(),
        }


class InspectionView(ConsolePage):
    """One site, evaluated now or for a past day: every rule and every mandatory column with its evidence."""

    template_name = "console/inspection.html"
    header_icon = "time"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find the site; a day that cannot be evaluated is told, and today shown instead."""
        self.site = get_object_or_404(Subsite.objects.exclude(kind=SiteKind.CONSOLE), code=kwargs["code"])
        self.found = self._evaluate(request)
        return super().get(request, *args, **kwargs)

    def _evaluate(self, request: HttpRequest) -> Evaluation:
        asked = request.GET.get("date", "")
        try:
            return evaluate([self.site.code], date.fromisoformat(asked) if asked else None)
        except DayRefused as refused:
            messages.error(request, f"{refused}下面是今天的情形。")
        except ValueError:
            messages.error(request, f"“{asked[:20]}”不是日期，请写成 2026-11-23 的样子。下面是今天的情形。")
        return evaluate([self.site.code])

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the board."""
        return [(reverse("console:board"), BOARD)]

    def get_page_title(self) -> str:
        """Name the site."""
        return self.site.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show what was found."""
        found, pk = self.found, self.site.pk
        return super().get_context_data(
            site_row=self.site,
            moment=found.moment,
            note=found.note,
            rules=found.verdicts.get(pk, []),
            columns=found.columns.get(pk, []),
            today=timezone.localdate(),
            **kwargs,
        )
