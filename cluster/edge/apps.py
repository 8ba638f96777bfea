"""App configuration of the page store."""

from django.apps import AppConfig


class EdgeConfig(AppConfig):
    """Stored pages, and what makes them leave."""

    name = "cluster.edge"
    label = "edge"
    verbose_name = "页面存储"

    def ready(self) -> None:
        """Watch all commits for what they withdraw."""
        from cluster.edge.withdrawal import watch_commit
        from cluster.postgresql.base import DatabaseWrapper

        if watch_commit not in DatabaseWrapper.commit_watchers:
            DatabaseWrapper.commit_watchers.append(watch_commit)
