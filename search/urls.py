"""Addresses of search, on every site: the page and the interface. Included by cluster.urls.site."""

from django.urls import path

from search.views import search_api, search_page

urlpatterns = [
    path("search/", search_page, name="search"),
    path("api/search/", search_api, name="search_api"),
]
