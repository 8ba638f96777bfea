"""PersonForm: a human being, registered or changed by the office.

Used by views.persons.
"""

from typing import Any

from django import forms
from django.utils import timezone

from cluster.staff.models import Person


class PersonForm(forms.ModelForm):
    """Name, unit, and whether the person still works here."""

    is_disabled = forms.BooleanField(
        label="已停用", required=False, help_text="离岗人员停用后不能再被选为账号的本人；已有记录不变。"
    )

    class Meta:
        model = Person
        fields = ("name", "unit")
        help_texts = {
            "name": "真实姓名。同一个人在几个站点有账号时，这里只登记一次。",
            "unit": "所在单位，用来区分同名的人。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_disabled"].initial = self.instance.disabled_at is not None
        if self.instance._state.adding:
            del self.fields["is_disabled"]

    def clean(self) -> dict[str, Any]:
        """Refuse the same name in the same unit twice: they could not be told apart."""
        typed = super().clean() or self.cleaned_data
        name, unit = typed.get("name", "").strip(), typed.get("unit", "").strip()
        same = Person.objects.filter(name=name, unit=unit).exclude(pk=self.instance.pk)
        if name and same.exists():
            self.add_error(
                "name", f"“{unit or '未填单位'}”已经登记了“{name}”。如确是另一个人，请在单位里写明处室以便区分。"
            )
        return typed

    def save(self, commit: bool = True) -> Person:
        """Set or clear the time of disabling along with the rest."""
        if "is_disabled" in self.cleaned_data:
            if not self.cleaned_data["is_disabled"]:
                self.instance.disabled_at = None
            elif self.instance.disabled_at is None:
                self.instance.disabled_at = timezone.now()
        return super().save(commit)
