"""App configuration of sites.content."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Articles."""

    name = "sites.content"
    label = "content"
    verbose_name = "内容"
