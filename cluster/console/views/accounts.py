"""Open an account in a site: the office's form, and a page that shows the first password once.

The answer to the form is that page itself: the password is kept nowhere, so there is nothing to redirect to.
"""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from cluster.accounts.errors import InvalidAccount
from cluster.accounts.opening import open_account
from cluster.accounts.roles import role_label
from cluster.console.forms.accounts import AccountForm
from cluster.console.views.base import ConsoleFormView, sites_trail
from cluster.console.views.site import OneSiteMixin


class AddAccountView(OneSiteMixin, ConsoleFormView):
    """The form; `?role=site_admin` chooses a role beforehand."""

    permission_required = "add"
    form_class = AccountForm
    page_title = "开设账号"
    header_icon = "user"
    submit_label = "开设账号"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the site."""
        return sites_trail(self.site)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form whose roles to offer."""
        return {**super().get_form_kwargs(), "site": self.site}

    def get_initial(self) -> dict[str, Any]:
        """Begin with the role that the link names."""
        return {"role": self.request.GET.get("role", "")}

    def form_valid(self, form: AccountForm) -> HttpResponse:
        """Open the account and show its password; a refusal of the service stands at its field."""
        try:
            opened = open_account(self.site, **form.cleaned_data)
        except InvalidAccount as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return self.form_invalid(form)
        context = self.get_context_data(form=form, opened=opened, role=role_label(opened.role), site_row=self.site)
        return TemplateResponse(self.request, "console/account_opened.html", context)
