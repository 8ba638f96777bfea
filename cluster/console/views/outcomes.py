"""What the rules of inspection said of every site last: the broken ones first, vetoes on top; filtered, sorted, exported.

The list shows what the clock left and says when; the page of a site judges on the spot and shows the evidence.
"""

from typing import Any

import django_filters
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from cluster.column_templates.inspected import TITLES
from cluster.console.filters import RegionFilter, SiteKindFilter
from cluster.console.tables import ConsoleListView, OutcomeColumn, TimeColumn
from cluster.inspection.models import Grade, RuleOutcome
from cluster.inspection.outcomes import veto_sentence, vetoed_sites

OUTCOMES = "检查结论"


class OutcomeFilterSet(WagtailFilterSet):
    """Outcome, rule, kind and region, site."""

    outcome = django_filters.ChoiceFilter(
        label="结论",
        choices=[("broken", "不合格"), ("veto", "单项否决"), ("kept", "通过"), ("waived", "含豁免")],
        empty_label="全部",
        method="with_outcome",
    )
    rule = django_filters.ChoiceFilter(
        label="规则",
        field_name="rule_id",
        choices=[(number, f"{number} {title}") for number, title in TITLES.items()],
        empty_label="全部",
    )
    kind = SiteKindFilter(field_name="site__kind")
    region = RegionFilter(field_name="site__region")
    site = django_filters.CharFilter(label="站点代码", field_name="site__code", lookup_expr="iexact")

    class Meta:
        model = RuleOutcome
        fields = ()

    def with_outcome(self, queryset: QuerySet[RuleOutcome], name: str, value: str) -> QuerySet[RuleOutcome]:
        """Keep what came out so."""
        if value == "waived":
            return queryset.exclude(waivers="")
        if value == "kept":
            return queryset.filter(ok=True)
        broken = queryset.filter(ok=False)
        return broken.filter(grade=Grade.VETO) if value == "veto" else broken


def outcome_words(row: RuleOutcome) -> str:
    """Say how it came out."""
    return "通过" if row.ok else row.get_grade_display()


class OutcomeListView(ConsoleListView):
    """The last outcome of every rule for every site."""

    model = RuleOutcome
    template_name = "console/outcomes.html"
    page_title = OUTCOMES
    filterset_class = OutcomeFilterSet
    search_fields = ("title", "sentence", "site__name")
    default_ordering = "gravity"
    among_equals = ("site__name", "rule_id")
    columns = (
        TitleColumn(
            "site",
            label="站点",
            accessor="site.name",
            sort_key="site__name",
            get_url=lambda row: f"{reverse('console:inspection', args=[row.site.code])}#rules",
        ),
        Column("rule_id", label="规则", accessor=str, sort_key="rule_id"),
        OutcomeColumn("outcome", label="结论", accessor=outcome_words, sort_key="gravity"),
        Column("sentence", label="说明"),
        Column("waivers", label="豁免", accessor=lambda row: "；".join(row.waivers.splitlines()), classname="qz-rule"),
        TimeColumn("since", label="自", sort_key="since"),
        TimeColumn("evaluated_at", label="检查时间", sort_key="evaluated_at"),
    )
    list_export = (
        *("site.code", "site.name", "site.get_kind_display", "site.region.name", "rule_id", "title", "outcome"),
        *("sentence", "cure", "basis", "waivers", "since", "evaluated_at"),
    )
    export_headings = {
        "site.code": "站点代码",
        "site.name": "站点",
        "site.get_kind_display": "类别",
        "site.region.name": "行政区划",
        "outcome": "结论",
    }
    export_values = {"outcome": outcome_words}
    export_filename = "outcomes"

    def get_base_queryset(self) -> QuerySet[RuleOutcome]:
        """List all with their sites, and how grave each is."""
        graver = [When(ok=False, grade=grade, then=Value(place)) for place, grade in enumerate(Grade)]
        gravity = Case(*graver, default=Value(len(graver)), output_field=IntegerField())
        return RuleOutcome.objects.select_related("site__region").annotate(gravity=gravity)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say how many sites fail."""
        return {**super().get_context_data(*args, **kwargs), "vetoed": veto_sentence(vetoed_sites())}

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Write the moment since when in local time, too."""
        return super().preprocess_field_value("since_at" if field == "since" else field, value, export_format)
