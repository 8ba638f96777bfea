"""Addresses of a site: admin, search, files, then the page tree."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import include, path, re_path
from django.views.defaults import page_not_found
from ninja.errors import HttpError
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.api.v3.urls import api
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.documents.api.v3.router import router as documents_api
from wagtail.images.api.v3.router import router as images_api

from cluster.edge.forms import form_token
from cluster.edge.views import choose_view
from cluster.files import serve_document, serve_media

handler400 = "cluster.bad_requests.bad_request"


def for_staff(view: Callable[..., Any]) -> Callable[..., Any]:
    """Ask for a token of the site's staff: these lists also name the files of drafts and of what was withdrawn."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            raise HttpError(HTTPStatus.UNAUTHORIZED, "图片和附件的清单只对本网站工作人员开放，请出示访问令牌。")
        if not request.user.has_perm("wagtailadmin.access_admin"):
            raise HttpError(HTTPStatus.FORBIDDEN, "您的账号没有进入管理后台的权限，不能查看图片和附件的清单。")
        return view(request, *args, **kwargs)

    return guarded


# Before api.urls is read, for then the routers are bound.
documents_api.add_decorator(for_staff)
images_api.add_decorator(for_staff)

urlpatterns = [
    # The console's pages are on the console only; Wagtail would send the visitor to a sign-in first.
    re_path(r"^admin/console/", page_not_found, {"exception": Http404()}),
    path("admin/", include(wagtailadmin_urls)),
    re_path(r"^documents/(\d+)/(.*)$", serve_document),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v3/", api.urls),
    re_path(r"^media/(?P<path>.+)$", serve_media, name="media"),
    path("view/", choose_view, name="choose_view"),
    path("form-token/", form_token, name="form_token"),
    path("", include("search.urls")),
    path("", include("sites.common.urls")),
    path("", include(wagtail_urls)),
]
