"""Serve uploaded pictures where no web server does it; only those of the asking site.

Called by cluster.urls.site. Documents never come this way: Wagtail's document view checks their collection first.
"""

import posixpath

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.static import serve

from cluster.postgresql import connection


def serve_media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Return a picture below this site's folder; 404 for other sites' files, documents and everything else."""
    schema_name, _, rest = path.partition("/")
    # A path with ".." begins in this site's pictures and ends anywhere: Django's serve would follow it.
    if posixpath.normpath(path) != path or "\\" in path:
        raise Http404
    if schema_name != connection.schema_name or not rest.startswith(("images/", "original_images/")):
        raise Http404
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "public, max-age=86400"
    return response
