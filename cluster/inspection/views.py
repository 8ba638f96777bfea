"""Pages of a site's admin on which its administrators say who answers for which column.

Addressed by wagtail_hooks; the panel links here.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from cluster.column_templates.current import site_law
from cluster.column_templates.law import ColumnLaw
from cluster.context import current_site
from cluster.inspection.clock import ask_inspection
from cluster.inspection.forms import DutyForm
from cluster.inspection.models import ColumnDuty
from cluster.inspection.policies import may_assign
from cluster.subsites.models import Subsite

TITLE = "栏目责任人"


class DutyMixin(WagtailAdminTemplateMixin):
    """A page of duties: of the current site alone, for its administrators."""

    header_icon = "user"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody else."""
        site = current_site()
        if site is None or site.is_console:
            raise Http404
        if not may_assign(request.user):
            raise PermissionDenied
        self.site: Subsite = site
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def mandatory(self) -> list[ColumnLaw]:
        """Return the columns that the site must have."""
        return [column for column in site_law(self.site.kind).columns if column.mandatory]


class DutyListView(DutyMixin, TemplateView):
    """All mandatory columns with their officers."""

    template_name = "inspection/duties.html"
    page_title = TITLE

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Lead from the dashboard here."""
        return [*self.breadcrumbs_items, {"url": "", "label": TITLE}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Put the duties beside the columns."""
        duties = {duty.column_code: duty for duty in ColumnDuty.objects.filter(site=self.site)}
        rows = [(column, duties.get(column.code)) for column in self.mandatory()]
        return super().get_context_data(rows=rows, **kwargs)


class DutyView(DutyMixin, FormView):
    """One column's officer and supervisor."""

    form_class = DutyForm
    template_name = "console/form.html"

    @cached_property
    def column(self) -> ColumnLaw:
        """The column of the address."""
        found = next((one for one in self.mandatory() if one.code == self.kwargs["code"]), None)
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        """Name the column."""
        return f"{TITLE}：{self.column.name}"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        """Lead back to the list."""
        above = {"url": reverse("column_duties"), "label": TITLE}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.column.name}]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Begin with the duty as it is, or with what the template says."""
        duty = ColumnDuty.objects.filter(site=self.site, column_code=self.column.code).first()
        fresh = ColumnDuty(site=self.site, column_code=self.column.code, unit=self.column.unit)
        return {**super().get_form_kwargs(), "instance": duty or fresh}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give Wagtail's form template its words."""
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "action_url": self.request.get_full_path(),
            "submit_button_label": "保存",
            "submit_button_active_label": "正在保存…",
            "media": context["form"].media,
        }

    def form_invalid(self, form: DutyForm) -> HttpResponse:
        """Say above the form that something in it is wrong."""
        messages.validation_error(self.request, "没有保存：请按提示改正，已填写的内容都已保留。", form)
        return super().form_invalid(form)

    def form_valid(self, form: DutyForm) -> HttpResponse:
        """Save it, for the columns without an officer as well where that was asked."""
        with transaction.atomic():
            duty = form.save()
            if form.cleaned_data["for_all_open"]:
                self._spread(duty)
            ask_inspection(self.site.pk)
        messages.success(self.request, f"已保存“{self.column.name}”的责任人。")
        return redirect("column_duties")

    def _spread(self, duty: ColumnDuty) -> None:
        taken = set(
            ColumnDuty.objects.filter(site=self.site).exclude(officer=None).values_list("column_code", flat=True)
        )
        fields = ("unit", "officer", "officer_name", "officer_email", "reviewer", "reviewer_name", "reviewer_email")
        same = {name: getattr(duty, name) for name in fields}
        for column in self.mandatory():
            if column.code not in taken:
                ColumnDuty.objects.update_or_create(site=self.site, column_code=column.code, defaults=same)
