"""App configuration of the calendar."""

from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    """The calendar of working days."""

    name = "cluster.workdays"
    label = "workdays"
    verbose_name = "工作日历"
