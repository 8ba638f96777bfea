"""PersonChooser: find a person by name or unit, for those who may assign one to an account.

Registered by staff.wagtail_hooks in the admin of every site; used by the forms of accounts.
"""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, ChosenMultipleView, ChosenView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser
from wagtail.permissions import policy_registry

from cluster.staff.models import Person


class PersonFilterForm(BaseFilterForm):
    """Search by a part of name or unit."""

    q = forms.CharField(label="搜索", required=False, widget=forms.TextInput(attrs={"placeholder": "姓名或单位"}))

    def filter(self, objects: QuerySet[Person]) -> QuerySet[Person]:
        """Keep the persons whose name or unit contains the text."""
        objects = super().filter(objects)
        text = self.cleaned_data.get("q", "").strip()
        if text:
            self.is_searching, self.search_query = True, text
            return objects.filter(Q(name__icontains=text) | Q(unit__icontains=text))
        return objects


class ForAccountKeepers:
    """Only who may add or change accounts of this site sees the list of persons."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse everybody else."""
        policy = policy_registry.get_by_type(get_user_model())
        if not policy.user_has_any_permission(request.user, {"add", "change"}):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class PersonList:
    """What choosing shows: active persons with their unit."""

    filter_form_class = PersonFilterForm

    def get_object_list(self) -> QuerySet[Person]:
        """Return who is not disabled."""
        return Person.objects.filter(disabled_at=None)

    @property
    def columns(self) -> list[Column]:
        """Name the columns in our words."""
        title = self.title_column  # type: ignore[attr-defined]
        title.label, title.accessor = "姓名", "name"
        return [title, Column("unit", label="单位")]


class PersonChooseView(ForAccountKeepers, PersonList, ChooseView):
    """The dialogue."""


class PersonChooseResultsView(ForAccountKeepers, PersonList, ChooseResultsView):
    """Its list, fetched while one types."""


class PersonChosenView(ForAccountKeepers, ChosenView):
    """The answer to a choice."""

    def get_object(self, pk: str) -> Person:
        """Return the person; Person.DoesNotExist also for what is no number of a person."""
        return _person(pk)


class PersonChosenMultipleView(ForAccountKeepers, ChosenMultipleView):
    """The answer to several choices, which no form of ours asks for."""


class PersonChooserWidget(BaseChooser):
    """The field: who is chosen, and the button that opens the dialogue."""

    show_edit_link = False

    def get_instance(self, value: Any) -> Person | None:
        """Return the person to show; nobody where something else was sent."""
        if value is None or isinstance(value, Person):
            return value
        try:
            return _person(value)
        except Person.DoesNotExist:
            return None


def _person(number: Any) -> Person:
    try:
        return Person.objects.get(pk=number)
    except ValidationError as error:
        raise Person.DoesNotExist from error


class PersonChooserViewSet(ChooserViewSet):
    """Addresses and words of the dialogue."""

    model = Person
    icon = "user"
    page_title = "选择工作人员"
    choose_one_text = "选择工作人员"
    choose_another_text = "换一位"
    choose_view_class = PersonChooseView
    choose_results_view_class = PersonChooseResultsView
    chosen_view_class = PersonChosenView
    chosen_multiple_view_class = PersonChosenMultipleView
    base_widget_class = PersonChooserWidget
    register_widget = False


PERSON_CHOOSER = PersonChooserViewSet("person_chooser", url_prefix="persons/choose")
