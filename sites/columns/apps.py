"""App configuration of sites.columns."""

from django.apps import AppConfig


class ColumnsConfig(AppConfig):
    """Home pages and columns."""

    name = "sites.columns"
    label = "columns"
    verbose_name = "栏目"

    def ready(self) -> None:
        """Connect the signals and the lock's word in the write interface."""
        from sites.columns import receivers
        from sites.columns.lock import api

        receivers.connect()
        api.connect()
