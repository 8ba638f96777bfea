"""Addresses of a site: site map for people and machines, robots, what still works, then the pages of the tree.

Included by cluster.urls.site before Wagtail's own addresses, which still name the page view for links and keep `_util/`.
"""

from django.urls import path, re_path
from wagtail.urls import serve_pattern

from sites.common import views

urlpatterns = [
    path("sitemap/", views.site_map, name="site_map"),
    path("sitemap.xml", views.sitemap_xml, name="sitemap_xml"),
    path("down/", views.down, name="down"),
    path("robots.txt", views.robots_txt, name="robots_txt"),
    re_path(serve_pattern.replace("^", "^(?!_util/)", 1), views.serve_page),
]
