"""Send uploaded files: by the web server in front where it can (X-Accel-Redirect), else from here; after the question who may.

Named by cluster.urls. Most of what citizens read never comes this way: nginx serves what a stored page uses.
"""

import mimetypes
import posixpath
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from django.views.static import serve
from wagtail.documents.views.serve import serve as wagtail_serve

from cluster.postgresql import connection

# Not every machine's list of types has them, and a browser that is told to sniff nothing shows no picture of unknown type.
for _type, _end in (("image/webp", ".webp"), ("image/avif", ".avif")):
    mimetypes.add_type(_type, _end)

# A browser may keep a file but asks each time: what was withdrawn is gone at once.
CACHE_CONTROL = "public, no-cache"
# Not for everybody: no cache between us and the one who asked may keep it.
PRIVATE = "private, no-cache"
SANDBOX = "default-src 'none'; sandbox"
# Browsers show PDF by a part of their own that a sandbox would keep from working.
SHOWN = "default-src 'none'"
# Where nginx's configuration has the folder of uploads, for answers of this application alone.
ACCEL_PREFIX = "/-uploads/"


def upload_headers(name: str) -> dict[str, str]:
    """Return what goes with every uploaded file of this name, whoever sends it: this application or nginx."""
    policy = SHOWN if is_shown_inline(name) else SANDBOX
    return {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": policy, "Cache-Control": CACHE_CONTROL}


def is_shown_inline(name: str) -> bool:
    """Tell whether browsers show an attachment of this name instead of saving it."""
    return name.lower().endswith(".pdf")


@require_safe
def serve_media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Return a picture of this site that something published uses; 404 for everything else, but staff see drafts' as well."""
    schema_name, _, rest = path.partition("/")
    # A path with ".." begins in this site's pictures and ends anywhere: Django's serve would follow it.
    if posixpath.normpath(path) != path or "\\" in path or "\x00" in path:
        raise Http404
    if schema_name != connection.schema_name or not import_string(settings.PICTURE_ACCESS)(rest, request):
        raise Http404
    is_accelerated = settings.EDGE_ACCEL
    response = _accelerated(path, {}) if is_accelerated else serve(request, path, str(settings.MEDIA_ROOT))
    return _with_headers(request, response, path)


def serve_document(request: HttpRequest, document_id: str, document_filename: str) -> HttpResponseBase:
    """Return an attachment by Wagtail's view, which asks who may have it; what it would stream is sent our way."""
    response: HttpResponseBase = wagtail_serve(request, document_id, document_filename)
    if not isinstance(response, FileResponse):
        return response
    disposition = content_disposition_header(not is_shown_inline(document_filename), document_filename)
    response["Content-Disposition"] = disposition or "inline"
    if settings.EDGE_ACCEL:
        response.close()
        path = Path(getattr(response.file_to_stream, "name", ""))
        relative = path.relative_to(settings.MEDIA_ROOT).as_posix()
        response = _accelerated(relative, {"Content-Disposition": response["Content-Disposition"]})
    # Wagtail's helper writes the word None where the name tells no encoding.
    del response["Content-Encoding"]
    return _with_headers(request, response, document_filename)


def _accelerated(relative: str, headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(headers={"X-Accel-Redirect": f"{ACCEL_PREFIX}{quote(relative)}", **headers})
    # nginx tells type and length by the file.
    del response["Content-Type"]
    return response


def _with_headers(request: HttpRequest, response: HttpResponseBase, name: str) -> HttpResponseBase:
    for header, value in upload_headers(name).items():
        response[header] = value
    if request.session.session_key or request.user.is_authenticated:
        response["Cache-Control"] = PRIVATE
    return response
