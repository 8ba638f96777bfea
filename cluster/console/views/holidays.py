"""Holiday notices: which are entered, how far the calendar is known, and the forms of the office."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from cluster.console.forms.holidays import HolidayNoticeForm, WithdrawNoticeForm
from cluster.console.tables import ConsoleListView, TimeColumn
from cluster.console.views.base import ConsoleFormView, ConsolePage
from cluster.workdays import known_until
from cluster.workdays.models import HolidayNotice
from cluster.workdays.notices import NoticeRefused, enter_notice, withdraw_notice


class HolidayNoticeListView(ConsoleListView):
    """All notices, those that were withdrawn, too."""

    model = HolidayNotice
    page_title = "节假日通知"
    search_fields = ("number", "title")
    default_ordering = "-year"
    columns = (
        TitleColumn(
            "number", label="文号", sort_key="number", get_url=lambda row: reverse("console:holiday", args=[row.pk])
        ),
        Column("title", label="标题"),
        Column("year", label="年份", sort_key="year"),
        Column("scope", label="范围", accessor=lambda row: "全年安排" if row.whole_year else "个别日子"),
        Column("state", label="状态", accessor=lambda row: "有效" if row.stands else "已撤销"),
        TimeColumn("entered_at", label="录入时间", sort_key="entered_at"),
    )
    list_export = ("number", "title", "issued_on", "year", "whole_year", "entered_at", "withdrawn_at")
    export_filename = "holidays"

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Offer the form to the office."""
        if not self.user_has_permission("add"):
            return []
        return [HeaderButton("录入通知", url=reverse("console:add_holiday"), icon_name="plus")]

    def get_page_subtitle(self) -> str:
        """Say how far the calendar is known."""
        return f"已知至 {known_until():%Y-%m-%d}"

    def get_base_queryset(self) -> QuerySet[HolidayNotice]:
        """List all."""
        return HolidayNotice.objects.all()


def _trail() -> list[tuple[str, str]]:
    return [(reverse("console:holidays"), "节假日通知")]


class AddHolidayNoticeView(ConsoleFormView):
    """Enter a notice."""

    permission_required = "add"
    form_class = HolidayNoticeForm
    page_title = "录入节假日通知"
    header_icon = "calendar-alt"
    submit_label = "录入"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return _trail()

    def form_valid(self, form: HolidayNoticeForm) -> HttpResponse:
        """Enter it, or tell at its field why not."""
        try:
            notice = enter_notice(form.save(commit=False))
        except NoticeRefused as refused:
            form.add_error(refused.field, str(refused))
            return self.form_invalid(form)
        messages.success(
            self.request, f"已录入 {notice.number}。节假日已知至 {known_until():%Y-%m-%d}，期限随即按新通知计算。"
        )
        return redirect("console:holidays")


class HolidayNoticeView(ConsolePage):
    """One notice with its words and days."""

    template_name = "console/holiday.html"
    header_icon = "calendar-alt"

    @cached_property
    def notice(self) -> HolidayNotice:
        """The notice of the address."""
        return get_object_or_404(HolidayNotice, pk=self.kwargs["pk"])

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return _trail()

    def get_page_title(self) -> str:
        """Name the notice."""
        return self.notice.number

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the notice."""
        return super().get_context_data(notice=self.notice, **kwargs)


class WithdrawHolidayNoticeView(ConsoleFormView):
    """Let a notice count no more."""

    form_class = WithdrawNoticeForm
    header_icon = "warning"
    submit_label = "确认撤销"

    @cached_property
    def notice(self) -> HolidayNotice:
        """The notice of the address, while it stands."""
        return get_object_or_404(HolidayNotice, pk=self.kwargs["pk"], withdrawn_at=None)

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the notice."""
        return [*_trail(), (reverse("console:holiday", args=[self.notice.pk]), self.notice.number)]

    def get_page_title(self) -> str:
        """Name what is withdrawn."""
        return f"撤销 {self.notice.number}"

    def form_valid(self, form: WithdrawNoticeForm) -> HttpResponse:
        """Withdraw it."""
        withdraw_notice(self.notice, reason=form.cleaned_data["reason"])
        messages.success(self.request, f"已撤销 {self.notice.number}。")
        return redirect("console:holidays")
