"""App configuration of sites.common."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """The shared ground of the site apps."""

    name = "sites.common"
    label = "common"
    verbose_name = "站点公共部分"

    def ready(self) -> None:
        """Connect the publish gate."""
        from sites.common.gate import api, receivers

        receivers.connect()
        api.connect()
