"""App configuration of sites.content."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Articles, policy documents, interpretations."""

    name = "sites.content"
    label = "content"
    verbose_name = "内容"

    def ready(self) -> None:
        """Connect the signals."""
        from sites.content import receivers

        receivers.connect()
