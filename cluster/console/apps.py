"""App configuration of the console; it has no tables."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The office's console."""

    name = "cluster.console"
    label = "console"
    verbose_name = "管理控制台"
