"""Filters of the console's lists. Used by the views."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from cluster.audit.models import LedgerAction, LedgerEntry
from cluster.subsites.jobs import LABELS
from cluster.subsites.models import Job, JobState, Region, SiteKind, SiteState, Subsite


class RegionFilter(django_filters.ModelChoiceFilter):
    """A division, with everything below it; `field_name` leads from a row to its region."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="行政区划（含下级）", queryset=Region.objects.all(), empty_label="全部", **kwargs)

    def filter(self, qs: QuerySet[Any], value: Region | None) -> QuerySet[Any]:
        """Keep the rows of the division and of those below."""
        if value is None:
            return qs
        name = self.field_name
        return qs.filter(Q(**{name: value}) | Q(**{f"{name}__parent": value}) | Q(**{f"{name}__parent__parent": value}))


class SiteKindFilter(django_filters.ChoiceFilter):
    """The kind of a row's site."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [choice for choice in SiteKind.choices if choice[0] != SiteKind.CONSOLE]
        super().__init__(label="类别", choices=choices, empty_label="全部", **kwargs)


class SiteFilterSet(WagtailFilterSet):
    """Kind, state and region of a site."""

    kind = SiteKindFilter()
    state = django_filters.ChoiceFilter(label="状态", choices=SiteState.choices, empty_label="全部")
    region = RegionFilter()

    class Meta:
        model = Subsite
        fields = ()


class JobFilterSet(WagtailFilterSet):
    """Kind and state of a job."""

    kind = django_filters.ChoiceFilter(label="任务", choices=list(LABELS.items()), empty_label="全部")
    state = django_filters.ChoiceFilter(label="状态", choices=JobState.choices, empty_label="全部")

    class Meta:
        model = Job
        fields = ()


class LedgerFilterSet(WagtailFilterSet):
    """Site, action and days of a ledger line."""

    site_code = django_filters.ModelChoiceFilter(
        label="站点",
        queryset=Subsite.objects.order_by("kind", "code"),
        to_field_name="code",
        empty_label="全部",
        method="of_site",
    )
    action = django_filters.ChoiceFilter(label="事项", choices=LedgerAction.choices, empty_label="全部")
    at = django_filters.DateFromToRangeFilter(label="日期", widget=DateRangePickerWidget)

    class Meta:
        model = LedgerEntry
        fields = ()

    def of_site(self, queryset: QuerySet[LedgerEntry], name: str, value: Subsite) -> QuerySet[LedgerEntry]:
        """Keep the lines of a site, which the ledger knows by its code."""
        return queryset.filter(site_code=value.code)
