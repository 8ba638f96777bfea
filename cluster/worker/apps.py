"""App configuration of the worker; it has no tables."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """The worker process."""

    name = "cluster.worker"
    label = "worker"
    verbose_name = "后台任务"

    def ready(self) -> None:
        """Watch the tasks that Wagtail starts."""
        from cluster.worker import task_watch

        task_watch.connect()
