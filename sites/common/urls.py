"""Addresses of a site beside its page tree: site map for people and machines, robots."""

from django.urls import path

from sites.common import views

urlpatterns = [
    path("sitemap/", views.site_map, name="site_map"),
    path("sitemap.xml", views.sitemap_xml, name="sitemap_xml"),
    path("robots.txt", views.robots_txt, name="robots_txt"),
]
