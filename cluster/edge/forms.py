"""Forms on stored pages: the page holds no token; the browser fetches one, or the citizen confirms what was typed.

Views of such forms are decorated with `stored_form`, their templates say {% stored_form_token %}. With JavaScript the
token comes by a small request when the form is first touched (common/site.js, `form_token`). Without it the first POST
gets a page that holds the token and everything typed, and one button.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from cluster.edge import recording

TOKEN_FIELD = "csrfmiddlewaretoken"  # noqa: S105  the name of the field, not a token
# These refusals are final: the request came from another site.
_FOREIGN = ("Origin checking", "Referer checking")

View = Callable[..., HttpResponse]


class _Reason(HttpResponse):
    """A refusal that says why, before it is turned into an answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(status=403)
        self.reason = reason


class _TokenCheck(CsrfViewMiddleware):
    """Django's own check, asked by the view in place of the middleware."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return _Reason(reason)


def _no_answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def stored_form(view: View) -> View:
    """Let the page of this form be stored: a POST reaches the view only with a token, or else is asked to confirm."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        recording.never_store("收到的表单")
        refused = _TokenCheck(_no_answer).process_view(request, view, args, kwargs)
        if refused is None:
            return view(request, *args, **kwargs)
        if isinstance(refused, _Reason) and refused.reason.startswith(_FOREIGN):
            return CsrfViewMiddleware(_no_answer)._reject(request, refused.reason)  # type: ignore[attr-defined]
        return _confirm(request)

    return guarded


@never_cache
def _confirm(request: HttpRequest) -> HttpResponse:
    """Give everything back that was typed, with a token; files cannot be given back and must be chosen again."""
    typed = [(name, value) for name, values in request.POST.lists() if name != TOKEN_FIELD for value in values]
    chosen = [(name, file.name) for name, files in request.FILES.lists() for file in files]
    context = {"typed": typed, "chosen": chosen, "token": get_token(request), "token_field": TOKEN_FIELD}
    return render(request, "edge/confirm.html", context)


@require_safe
@never_cache
def form_token(request: HttpRequest) -> HttpResponse:
    """Give the browser a token, and the cookie that belongs to it."""
    return JsonResponse({"token": get_token(request)})
