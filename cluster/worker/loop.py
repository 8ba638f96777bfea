"""Run every worker task in a thread of its own, woken by NOTIFY or by its interval.

Called by `manage.py worker`. Tasks come from settings.WORKER_TASKS: objects with `name`, `interval` (seconds, optional) and
`run() -> bool` (did something; then it is called again at once). All state is in the database, so the process may be killed
at any point and any number of workers may run side by side.
"""

import gc
import logging
import select
import threading
import time
from collections.abc import Callable, Collection
from typing import Protocol

from django.conf import settings
from django.db import OperationalError
from django.utils.module_loading import import_string

from cluster.postgresql import connection
from cluster.resources.feed import CHANNEL, ConsumerUnavailable

logger = logging.getLogger(__name__)


class Task(Protocol):
    """What the worker needs to know of a task."""

    name: str

    def run(self) -> bool:
        """Do one batch of work; return whether there was some."""


class Runner(threading.Thread):
    """The thread of one task: run while there is work, then wait to be woken."""

    def __init__(self, task: Task, stop: threading.Event) -> None:
        super().__init__(name=f"worker-{task.name}", daemon=True)
        self.task, self.stop_event = task, stop
        self.wake = threading.Event()
        self.interval = float(getattr(task, "interval", 1.0))
        self.failures = 0

    def run(self) -> None:
        """Loop until the worker stops."""
        while not self.stop_event.is_set():
            worked = self.run_once()
            if not worked:
                wait = self.interval if not self.failures else min(0.5 * 2**self.failures, 15.0)
                self.wake.wait(wait)
                self.wake.clear()
        connection.close()

    def run_once(self) -> bool:
        """Run the task once; an error is logged, the connection renewed, and the task waits longer."""
        try:
            connection.set_schema_to_public()
            worked = bool(self.task.run())
            self.failures = 0
        except Exception as error:
            self.failures = min(self.failures + 1, 6)
            # A server that is away needs one line, not a traceback at each try.
            is_away = isinstance(error, (OperationalError, ConsumerUnavailable))
            log: Callable[..., None] = logger.warning if is_away else logger.exception
            log("后台任务 %s 出错，稍后重试：%s", self.task.name, error)
            connection.close()
            return False
        return worked


class UnknownTask(ValueError):
    """A worker was asked for a task that does not exist; str() names those that do."""


def load_tasks(only: Collection[str] = ()) -> list[Task]:
    """Return the tasks that the settings name; with `only`, those of these names. Raises UnknownTask."""
    tasks: list[Task] = [import_string(path) for path in settings.WORKER_TASKS]
    names = [task.name for task in tasks]
    if unknown := [name for name in only if name not in names]:
        raise UnknownTask(f"没有名为“{'、'.join(unknown)}”的后台任务；可以选：{'、'.join(names)}。")
    return [task for task in tasks if not only or task.name in only]


def listen(wake_all: Callable[[], None], stop: threading.Event) -> None:
    """Wake the tasks whenever the database says that something changed; reconnect for ever."""
    while not stop.is_set():
        try:
            connection.close()
            connection.ensure_connection()
            raw = connection.connection
            raw.autocommit = True
            with raw.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            wake_all()  # what came before we listened
            while not stop.is_set():
                if select.select([raw], [], [], 1.0)[0]:
                    raw.poll()
                    if raw.notifies:
                        raw.notifies.clear()
                        wake_all()
        except Exception as error:
            logger.warning("与数据库的通知连接中断，2秒后重连：%s", error)
            time.sleep(2)
    connection.close()


def run_worker(
    stop: threading.Event, started: Callable[[], None] = lambda: None, *, only: Collection[str] = ()
) -> None:
    """Run all tasks, or only some, until `stop` is set; `started` is called once, when every task has its thread."""
    runners = [Runner(task, stop) for task in load_tasks(only)]
    # What is loaded now stays: the collector need not walk through it whenever a batch has made ten thousand objects.
    gc.collect()
    gc.freeze()
    for runner in runners:
        runner.start()
    started()
    logger.info("后台任务已启动：%s", "、".join(runner.task.name for runner in runners))

    def wake_all() -> None:
        for runner in runners:
            runner.wake.set()

    listen(wake_all, stop)
    wake_all()
    for runner in runners:
        runner.join(timeout=15)
