"""App configuration of the directory of sites."""

from django.apps import AppConfig


class SubsitesConfig(AppConfig):
    """The directory of sites."""

    name = "cluster.subsites"
    label = "subsites"
    verbose_name = "站点"
