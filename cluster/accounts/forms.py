"""Forms of the accounts in the admin: signing in, and an account with the person it belongs to.

The sign-in form is named by settings.WAGTAILADMIN_USER_LOGIN_FORM, the others by accounts.viewsets.
"""

from typing import Any

from django import forms
from django.db.models import Q
from wagtail.admin.forms.auth import LoginForm
from wagtail.users.forms import UserCreationForm, UserEditForm

from cluster.accounts.models import User
from cluster.audit.actor import tell_database
from cluster.staff.choosers import PERSON_CHOOSER
from cluster.staff.models import Person


class SignInForm(LoginForm):
    """Wagtail's form with Chinese labels, where its own translation has gaps."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "密码"
        self.fields["username"].widget.attrs["placeholder"] = "输入用户名"


class PersonMixin(forms.ModelForm):
    """An account's person; and nobody is made a superuser here, whoever asks (design part 6)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("is_superuser", None)
        now = self.instance.person_uuid
        self.fields["person"] = forms.ModelChoiceField(
            label="本人",
            # Who was disabled since stays on the account until somebody changes it.
            queryset=Person.objects.filter(Q(disabled_at=None) | Q(pk=now)),
            initial=now,
            required=False,
            widget=PERSON_CHOOSER.widget_class(),
            help_text="账号属于谁。没有指定本人的账号不能审核，也不能发布；名单由省级主管单位在控制台登记。",
        )

    def save(self, commit: bool = True) -> User:
        """Write the person's number into the account."""
        person = self.cleaned_data["person"]
        self.instance.person_uuid = person.pk if person else None
        tell_database()  # the roles given here become lines of the ledger
        return super().save(commit)


class AccountCreationForm(PersonMixin, UserCreationForm):
    """A new account."""


class AccountEditForm(PersonMixin, UserEditForm):
    """An account as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "is_active" not in self.fields:  # one's own account
            self.fields["person"].disabled = True
            self.fields["person"].help_text = "自己账号的本人只能由其他管理员更改。"
