"""Let no background task of Wagtail fail in silence: its own backend only notes the failure and goes on (leak L8).

Connected by WorkerConfig.ready to the signal that every task backend sends; the line in the log names task and site.
"""

import logging
from typing import Any

from django.conf import settings
from django_tasks import TaskResultStatus
from django_tasks.base import TaskError, TaskResult
from django_tasks.signals import task_finished

from cluster.postgresql import connection

logger = logging.getLogger(__name__)


class TaskFailed(RuntimeError):
    """A background task failed; raised only where settings.FAILED_TASKS_RAISE says so, which is in tests."""


def _cause(error: TaskError) -> str:
    """Return the line of the traceback that names the error; the database puts a sketch of the statement below it."""
    kind = error.exception_class_path.rpartition(".")[2]
    lines = [line for line in error.traceback.splitlines() if f"{kind}: " in line]
    return lines[-1].strip() if lines else kind


def report_failure(task_result: TaskResult[Any], **kwargs: Any) -> None:
    """Log a failed task as an error, with the site in which it ran."""
    if task_result.status != TaskResultStatus.FAILED:
        return
    path, cause = task_result.task.module_path, _cause(task_result.errors[-1])
    logger.error("后台处理 %s 在 %s 中失败：%s", path, connection.schema_name, cause)
    if settings.FAILED_TASKS_RAISE:
        raise TaskFailed(f"{path}: {cause}")


def connect() -> None:
    """Connect the receiver."""
    task_finished.connect(report_failure, dispatch_uid="cluster_task_watch")
