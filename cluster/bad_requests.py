"""The page for requests that Django refuses before any view sees them: too large, or malformed.

Named as handler400 by both URL configurations.
"""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that too much was sent and how much is allowed (413), or that the request makes no sense (400)."""
    if isinstance(exception, TOO_MUCH):
        allowed = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
        return render(request, "413.html", {"allowed": allowed}, status=413)
    return render(request, "400.html", status=400)
