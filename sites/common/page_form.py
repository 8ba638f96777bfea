"""The admin's form of our pages: an address may be left empty, a new item's source is proposed.

Named by BasePage.base_form_class. Wagtail's own script would make "2026" of 2026年工作要点 and clash next week.
"""

import copy
from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from cluster.context import current_site


class SitePageForm(WagtailAdminPageForm):
    """Form of all pages of a site."""

    _meta: Any  # made by the metaclass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the demand for an address off; full_clean of the page fills it."""
        self._keep_permissions_of_present_fields()
        super().__init__(*args, **kwargs)
        # What a new item begins with though its page does not say it yet: the publish gate judges the form as it is shown.
        self.proposed: dict[str, str] = {}
        if "slug" in self.fields:
            self.fields["slug"].required = False
        self._propose_source()

    def _propose_source(self) -> None:
        """Begin a new item with this site as its source, for the editor to keep or to replace; an emptied field stays empty."""
        site = current_site()
        if "source" in self.fields and self.instance.pk is None and site is not None:
            self.initial["source"] = self.initial.get("source") or site.name[: self.fields["source"].max_length]
            self.proposed["source"] = self.initial["source"]

    def _keep_permissions_of_present_fields(self) -> None:
        """Forget permissions on fields that the API left out of this form: their removal would raise KeyError."""
        permissions = self._meta.field_permissions or {}
        self._meta = copy.copy(self._meta)
        self._meta.field_permissions = {name: asked for name, asked in permissions.items() if name in self.base_fields}
