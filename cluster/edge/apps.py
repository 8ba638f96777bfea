"""App configuration of the page store."""

from django.apps import AppConfig


class EdgeConfig(AppConfig):
    """Stored pages, and what makes them leave."""

    name = "cluster.edge"
    label = "edge"
    verbose_name = "页面存储"
