"""App configuration of the column templates; a fresh cluster gets the shipped texts as its first version."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ColumnTemplatesConfig(AppConfig):
    """Versions of the column templates, which version each site has, waivers."""

    name = "cluster.column_templates"
    label = "column_templates"
    verbose_name = "栏目模板"

    def ready(self) -> None:
        """Load the shipped texts after the first migration."""
        from cluster.column_templates import receivers

        post_migrate.connect(receivers.load_first_version, sender=self)
