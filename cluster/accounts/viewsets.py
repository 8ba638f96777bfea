"""The admin's pages of the accounts: Wagtail's, with the person. Named by accounts.apps.SiteUsersConfig."""

from django import forms
from wagtail.users.views.users import UserViewSet

from cluster.accounts.forms import AccountCreationForm, AccountEditForm


class AccountViewSet(UserViewSet):
    """Accounts of the site."""

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        """Return the form with the person."""
        return AccountEditForm if for_update else AccountCreationForm
