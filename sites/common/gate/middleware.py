"""What a refused request gets: the API a 422 with the sentences, the admin a message on the page it came from.

Last of the site's own middlewares in settings.MIDDLEWARE. The forms of the editor check before, so that nothing typed is
lost; here arrives what has no form: bulk actions, moves, copies, approvals, the API.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from sites.common.gate.api import FIELD
from sites.common.gate.errors import NEEDS_REASON, GateRefused, Refusal

API = "/api/"


class GateMiddleware:
    """Turn GateRefused, also one raised at the commit of the request, into an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; the transaction is undone by then."""
        if not isinstance(exception, GateRefused):
            return None
        if request.path_info.startswith(API) or request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse(problem(exception), status=422, content_type="application/problem+json")
        for sentence in exception.messages:
            messages.error(request, sentence)
        return redirect(_back(request))


def problem(refused: GateRefused) -> dict[str, object]:
    """Return the refusal as RFC 7807 wants it, in the form of Wagtail's API."""
    return {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "栏目的规则不允许发布，没有做任何改动。",
        "errors": [error for refusal in refused.refusals for error in _errors_of(refusal)],
    }


def _errors_of(refusal: Refusal) -> list[dict[str, object]]:
    """Return one error for each rule, and one for the reason where nothing else is missing."""
    errors: list[dict[str, object]] = [
        {"type": "gate_refused", "loc": [verdict.rule_id], "msg": f"“{refusal.title}”：{verdict.text}"}
        for verdict in refusal.verdicts
    ]
    if refusal.needs_only_reason:
        errors.append({"type": "gate_reason_missing", "loc": [FIELD], "msg": f"“{refusal.title}”：{NEEDS_REASON}"})
    return errors


def _back(request: HttpRequest) -> str:
    """Return the page from which the request came, if it is one of this site."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
        return came_from
    return reverse("wagtailadmin_home")
