"""Addresses of a site: admin, search, files, then the page tree."""

from django.http import Http404
from django.urls import include, path, re_path
from django.views.defaults import page_not_found
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.api.v3.urls import api
from wagtail.documents import urls as wagtaildocs_urls

from cluster.files import serve_media

handler400 = "cluster.bad_requests.bad_request"
urlpatterns = [
    # The console's pages are on the console only; Wagtail would send the visitor to a sign-in first.
    re_path(r"^admin/console/", page_not_found, {"exception": Http404()}),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v3/", api.urls),
    re_path(r"^media/(?P<path>.+)$", serve_media, name="media"),
    path("", include("search.urls")),
    path("", include("sites.common.urls")),
    path("", include(wagtail_urls)),
]
