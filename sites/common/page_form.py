"""The admin's form of our pages: an address may be left empty, for Chinese titles get theirs on the server.

Named by BasePage.base_form_class. Wagtail's own script would make "2026" of 2026年工作要点 and clash next week.
"""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class SitePageForm(WagtailAdminPageForm):
    """Form of all pages of a site."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the demand for an address off; full_clean of the page fills it."""
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
