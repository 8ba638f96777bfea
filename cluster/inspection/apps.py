"""App configuration of the inspection."""

from django.apps import AppConfig


class InspectionConfig(AppConfig):
    """The clock of columns and the rules of inspection."""

    name = "cluster.inspection"
    label = "inspection"
    verbose_name = "栏目检查"
