"""The forms that the API fills for home page and columns: what an editor may not write is refused, not passed over.

Named by the models' `api_base_form_class`; the admin's own forms leave such fields out and need no refusal.
"""

from typing import Any

from django.core.exceptions import PermissionDenied

from sites.columns.policies import can_shape_columns
from sites.common.page_form import SitePageForm

# What everybody may write who may edit the page at all.
TEXT_FIELDS = frozenset({"body"})


class ShapingForm(SitePageForm):
    """Form of a page whose name, address and marks are an administrator's business."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Raise PermissionDenied, with the reason, where the request names a field that this account may not write."""
        user, page = kwargs.get("for_user"), kwargs["instance"]
        shaping = set(kwargs.get("data") or ()) & set(self.base_fields) - TEXT_FIELDS
        if user and shaping and not can_shape_columns(user):
            raise PermissionDenied(page.shaping_refusal())
        super().__init__(*args, **kwargs)
