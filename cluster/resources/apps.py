"""App configuration of the registry; connects the signals of pages and of migrations."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ResourcesConfig(AppConfig):
    """The content registry and the change feed."""

    name = "cluster.resources"
    label = "resources"
    verbose_name = "信息资源库"

    def ready(self) -> None:
        """Connect receivers."""
        from cluster.resources import receivers

        receivers.connect()
        post_migrate.connect(receivers.install_after_migration, sender=self)
