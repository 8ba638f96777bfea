"""The write interface beside the lock: what a request names and may not change is refused, not passed over.

Connected by ColumnsConfig.ready, before the interface is built. Wagtail writes the fields that its schema knows, skips every
other name, and puts into a draft what the lock then takes out of it again: either way the caller would be told that all went well.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from wagtail.api.v3.routers.pages import router
from wagtail.models import Page

from sites.columns.lock.refusals import ColumnLocked, refuse_values
from sites.columns.policies import can_shape_columns

META = "meta"


def with_lock(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a change of what is locked before anything else is changed; the interface answers 422 with the sentence."""

    @wraps(view)
    def locked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "PATCH" and "page_id" in kwargs:
            page = Page.objects.filter(pk=kwargs["page_id"]).specific().first()
            # Whoever may not write here at all hears that from the view.
            if page and page.permissions_for_user(request.user).can_edit():
                _refuse(request, page)
        return view(request, *args, **kwargs)

    return locked


def _refuse(request: HttpRequest, page: Page) -> None:
    try:
        refuse_values(page, _values_in(request))
    except ColumnLocked:
        # What the site's administrators shape is first of all none of an editor's business.
        if not getattr(page, "planted", False) and not can_shape_columns(request.user):
            raise PermissionDenied(page.shaping_refusal()) from None
        raise


def _values_in(request: HttpRequest) -> Mapping[str, Any]:
    """Return the fields that the request names; some are answered below "meta", so they may come back there."""
    body = json.loads(request.body)
    meta = body.get(META)
    return {**(meta if isinstance(meta, dict) else {}), **body}


def connect() -> None:
    """Hang the lock on every operation on pages."""
    router.add_decorator(with_lock)
