"""App configuration of the persons."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Persons who work in the cluster."""

    name = "cluster.staff"
    label = "staff"
    verbose_name = "工作人员"
