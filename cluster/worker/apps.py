"""App configuration of the worker; it has no tables."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """The worker process."""

    name = "cluster.worker"
    label = "worker"
    verbose_name = "后台任务"
