"""App configuration of the directory of sites."""

from django.apps import AppConfig


class SubsitesConfig(AppConfig):
    """The directory of sites."""

    name = "cluster.subsites"
    label = "subsites"
    verbose_name = "站点"

    def ready(self) -> None:
        """Give each thread a memory of content types of its own."""
        from cluster.subsites import content_types

        content_types.keep_apart()
