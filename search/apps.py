"""App configuration of search; its tables live in the public schema."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Register the app as `search`."""

    name = "search"
    verbose_name = "检索"
    default_auto_field = "django.db.models.BigAutoField"
