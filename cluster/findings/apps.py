"""App configuration of the findings."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """What was caught around the publish gate."""

    name = "cluster.findings"
    label = "findings"
    verbose_name = "发布检查发现"
