"""The admin's form of our pages: an address may be left empty, for Chinese titles get theirs on the server.

Named by BasePage.base_form_class. Wagtail's own script would make "2026" of 2026年工作要点 and clash next week.
"""

import copy
from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class SitePageForm(WagtailAdminPageForm):
    """Form of all pages of a site."""

    _meta: Any  # made by the metaclass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the demand for an address off; full_clean of the page fills it."""
        self._keep_permissions_of_present_fields()
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def _keep_permissions_of_present_fields(self) -> None:
        """Forget permissions on fields that the API left out of this form: their removal would raise KeyError."""
        permissions = self._meta.field_permissions or {}
        self._meta = copy.copy(self._meta)
        self._meta.field_permissions = {name: asked for name, asked in permissions.items() if name in self.base_fields}
