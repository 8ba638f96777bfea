"""The field gate_reason of the write interface: why an item is published in spite of a warning.

Connected by CommonConfig.ready, before the interface is built. It may stand beside the other fields of any request under
/api/v3/pages/ that writes; like the field of the side panel it goes into the pass and the ledger.
"""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from wagtail.api.v3.routers.pages import router

from sites.common.gate.passes import override

FIELD = "gate_reason"
LONGEST = 500
WRITING = frozenset({"POST", "PUT", "PATCH"})


def with_reason(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let whoever calls act for the reason that his request gives; after the token has said who he is."""

    @wraps(view)
    def reasoned(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        reason = _reason_in(request)
        if reason:
            override(reason)
        return view(request, *args, **kwargs)

    return reasoned


def _reason_in(request: HttpRequest) -> str:
    if request.method not in WRITING or not request.body:
        return ""
    try:
        body = json.loads(request.body)
    except ValueError:
        return ""  # the interface itself says what is wrong with it, where it wants a body
    reason = body.get(FIELD, "") if isinstance(body, dict) else ""
    if not isinstance(reason, str) or len(reason) > LONGEST:
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{FIELD} 应是一段不超过 {LONGEST} 字的文字，请改好后重试。")
    return reason.strip()


def connect() -> None:
    """Hang the field on every operation on pages."""
    router.add_decorator(with_reason)
