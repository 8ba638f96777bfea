"""Addresses of the console: Wagtail's admin over the public tables; no public pages."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cluster.files import serve_document

handler400 = "cluster.bad_requests.bad_request"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="wagtailadmin_home"), name="console_root"),
    path("admin/console/", include("cluster.console.urls")),
    path("admin/", include(wagtailadmin_urls)),
    re_path(r"^documents/(\d+)/(.*)$", serve_document),
    path("documents/", include(wagtaildocs_urls)),
]
