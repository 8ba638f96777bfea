"""Addresses of the console's own pages, below /admin/console/.

Included by cluster.urls.console alone: on every other site they do not exist. They wear what Wagtail gives its own admin
pages: sign-in and the right to enter, the admin's 404, no caching.
"""

from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.urls import display_custom_404
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cluster.console.viewsets import NAMESPACE, VIEW_SETS

app_name = NAMESPACE
urlpatterns = [pattern for view_set in VIEW_SETS for pattern in view_set.get_urlpatterns()]
for _worn in (require_admin_access, display_custom_404, never_cache):
    urlpatterns = decorate_urlpatterns(urlpatterns, _worn)
