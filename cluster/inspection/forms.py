"""DutyForm: who answers for a column of the site, and who supervises that.

Used by views; officers are chosen among the site's accounts with a person behind them.
"""

import uuid
from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from cluster.inspection.models import ColumnDuty
from cluster.staff.models import Person

NOBODY = ("", "未指定")


def persons_here() -> dict[str, tuple[str, str]]:
    """Return person → (name, mailbox) of the active accounts of the current site."""
    accounts = get_user_model().objects.filter(is_active=True).exclude(person_uuid=None)
    mailboxes = {
        person: email for person, email in accounts.order_by("pk").values_list("person_uuid", "email") if person
    }
    names = dict(Person.objects.filter(pk__in=list(mailboxes), disabled_at=None).values_list("pk", "name"))
    return {str(pk): (names[pk], mailboxes[pk]) for pk in names}


class DutyForm(forms.ModelForm):
    """Unit, officer, supervisor and their mailboxes."""

    officer = forms.ChoiceField(label="责任人", required=False, help_text="从本站账号中选择；提醒显示在他的后台首页。")
    reviewer = forms.ChoiceField(label="监督人", required=False, help_text="责任人逾期未处理时收到通知。")
    for_all_open = forms.BooleanField(label="同时用于还没有指定责任人的其他栏目", required=False)

    class Meta:
        model = ColumnDuty
        fields = ("unit", "officer", "officer_email", "reviewer", "reviewer_email")
        help_texts = {
            "unit": "例如 办公室信息科。",
            "officer_email": "留空则用账号里的邮箱。",
            "reviewer_email": "留空则用账号里的邮箱；没有监督人时通知上级网站。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.persons = persons_here()
        choices = [NOBODY, *((pk, name) for pk, (name, _) in sorted(self.persons.items(), key=lambda one: one[1]))]
        for name in ("officer", "reviewer"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above
            field.choices = choices
            present = getattr(self.instance, name)
            self.initial[name] = str(present) if present else ""

    def clean(self) -> dict[str, Any]:
        """Take names and mailboxes from the accounts; a supervisor must be somebody else."""
        typed = super().clean() or self.cleaned_data
        for name in ("officer", "reviewer"):
            person = typed.get(name) or ""
            known_as, mailbox = self.persons.get(person, ("", ""))
            setattr(self.instance, f"{name}_name", known_as)
            typed[name] = uuid.UUID(person) if person else None
            typed[f"{name}_email"] = typed.get(f"{name}_email") or mailbox
        if typed["officer"] and typed["officer"] == typed["reviewer"]:
            self.add_error("reviewer", "监督人应当是责任人以外的人，请另选一位或者留空。")
        return typed
