"""A refusal of the lock that no form has caught ends as a sentence, not as an error page.

Named in settings.MIDDLEWARE; the transaction of the request is undone by then.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from sites.columns.lock.refusals import message_of


class LockMiddleware:
    """Turn refusals of model and triggers into a message (admin) or a problem report (API)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer where the exception is a refusal; leave every other one alone."""
        sentence = message_of(exception)
        if not sentence:
            return None
        if request.path.startswith("/api/") or request.headers.get("x-requested-with") == "XMLHttpRequest":
            problem = {"title": "Forbidden", "status": 403, "detail": sentence}
            words = {"ensure_ascii": False}
            return JsonResponse(problem, status=403, content_type="application/problem+json", json_dumps_params=words)
        if not request.path.startswith("/admin/"):
            return HttpResponseForbidden(sentence)
        messages.error(request, sentence)
        back = request.headers.get("referer", "")
        return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/admin/")
