"""Persons: the human beings behind the accounts, registered by the office."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from cluster.console.forms.persons import PersonForm
from cluster.console.tables import ConsoleListView, TimeColumn
from cluster.console.views.base import ConsoleFormView
from cluster.staff.models import Person


class PersonListView(ConsoleListView):
    """All persons; the office adds and changes them."""

    model = Person
    page_title = "工作人员"
    search_fields = ("name", "unit")
    default_ordering = "name"
    list_export = ("name", "unit", "created_at", "disabled_at")
    export_filename = "persons"

    @cached_property
    def columns(self) -> list[Column]:
        """Link to the form for those who may use it."""
        may_change = self.user_has_permission("change")
        name = (
            TitleColumn(
                "name", label="姓名", sort_key="name", get_url=lambda row: reverse("console:person", args=[row.pk])
            )
            if may_change
            else Column("name", label="姓名", sort_key="name")
        )
        return [
            name,
            Column("unit", label="单位", sort_key="unit"),
            Column("state", label="状态", accessor=lambda row: "已停用" if row.disabled_at else "在用"),
            TimeColumn("created_at", label="登记时间", sort_key="created_at"),
        ]

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Offer registration to the office."""
        if not self.user_has_permission("add"):
            return []
        return [HeaderButton("登记工作人员", url=reverse("console:add_person"), icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[Person]:
        """List all."""
        return Person.objects.all()


class AddPersonView(ConsoleFormView):
    """Register a person."""

    permission_required = "add"
    form_class = PersonForm
    page_title = "登记工作人员"
    header_icon = "user"
    submit_label = "保存"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return [(reverse("console:persons"), "工作人员")]

    def form_valid(self, form: PersonForm) -> HttpResponse:
        """Save and go back to the list."""
        person = form.save()
        messages.success(self.request, f"已保存：{person}。各站管理员可以在账号里选择此人。")
        return redirect("console:persons")


class PersonView(AddPersonView):
    """Change a person."""

    permission_required = "change"
    page_title = "修改工作人员"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Begin with the person as registered."""
        return {**super().get_form_kwargs(), "instance": get_object_or_404(Person, pk=self.kwargs["pk"])}
