"""The forms of home page and columns: what may not be written is read-only in the admin, and refused by the API.

Named by the models' `base_form_class` (admin) and `api_base_form_class`, whose callers must hear of it.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from wagtail.admin.forms.pages import CopyForm

from sites.columns.lock import refusals
from sites.columns.policies import can_shape_columns
from sites.common.page_form import SitePageForm

# What everybody may write who may edit the page at all.
TEXT_FIELDS = frozenset({"body"})
LOCKED_FIELDS = frozenset(refusals.PAGE_FIELDS) | frozenset(refusals.COLUMN_FIELDS)
LOCKED_FIELD = "由全省统一的栏目模板设置，本网站不能更改。"


class ColumnForm(SitePageForm):
    """The admin's form of a column: what the template says is shown and cannot be written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Switch the locked fields of a planted column off; the panel above says why."""
        super().__init__(*args, **kwargs)
        self.locked = LOCKED_FIELDS & set(self.fields) if self.instance.planted else frozenset()
        for name in self.locked:
            self.fields[name].disabled = True
            self.fields[name].help_text = LOCKED_FIELD

    def clean(self) -> dict[str, Any]:
        """Refuse what a browser does not send: a value for a field that it showed as read-only."""
        cleaned: dict[str, Any] = super().clean()
        for name in sorted(self.locked):
            field, sent = self.fields[name], self.data.get(self.add_prefix(name))
            # A disabled field says of itself that it never changes.
            if sent is not None and field.to_python(sent) != field.to_python(self.get_initial_for_field(field, name)):
                deed = {**refusals.PAGE_FIELDS, **refusals.COLUMN_FIELDS}[name]
                raise refusals.ColumnLocked(refusals.sentence(self.instance, deed))
        return cleaned


class ColumnCopyForm(CopyForm):
    """The admin's form of copying a column: says why it may not stand below the page that was chosen."""

    def clean(self) -> dict[str, Any]:
        """Put the lock's sentence in the place of Wagtail's."""
        cleaned: dict[str, Any] = super().clean()
        place = cleaned.get("new_parent_page")
        reason = refusals.place_refusal(self.page, place) if place else ""
        if reason:
            self._errors["new_parent_page"] = self.error_class([reason])
        return cleaned


class ShapingForm(SitePageForm):
    """Form of a page whose name, address and marks are an administrator's business."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Raise PermissionDenied, with the reason, where the request names a field that this account may not write."""
        user, page = kwargs.get("for_user"), kwargs["instance"]
        shaping = set(kwargs.get("data") or ()) & set(self.base_fields) - TEXT_FIELDS
        if user and shaping and not can_shape_columns(user):
            raise PermissionDenied(page.shaping_refusal())
        super().__init__(*args, **kwargs)
