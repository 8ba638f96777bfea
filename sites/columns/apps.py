"""App configuration of sites.columns."""

from django.apps import AppConfig


class ColumnsConfig(AppConfig):
    """Home pages and columns."""

    name = "sites.columns"
    label = "columns"
    verbose_name = "栏目"

    def ready(self) -> None:
        """Connect the signals."""
        from sites.columns import receivers

        receivers.connect()
