"""Run the worker's tasks in the test's own thread until nothing is left to do, or the worker itself beside the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from cluster.resources.attachments import extract_attachments
from cluster.resources.projection_task import project_marks
from cluster.worker.loop import Task, run_worker


def work_until_idle(*tasks: Task, rounds: int = 200) -> None:
    """Run the given tasks (projection and attachments if none) round by round; fails if they never become idle."""
    chosen = tasks or (project_marks, extract_attachments)
    for _ in range(rounds):
        if not _one_round(chosen):
            return
    raise AssertionError("the worker's tasks never became idle")


def _one_round(tasks: tuple[Task, ...]) -> bool:
    """Run every task once, also those after the first that worked."""
    worked = False
    for task in tasks:
        worked |= task.run()
    return worked


@contextmanager
def worker_running(*paths: str) -> Iterator[None]:
    """Let the real worker run these tasks in threads of its own, woken by the database, while the block runs."""
    stop, started = threading.Event(), threading.Event()
    with override_settings(WORKER_TASKS=list(paths)):
        worker = threading.Thread(target=run_worker, args=(stop, started.set), daemon=True)
        worker.start()
        try:
            assert started.wait(10), "the worker did not start"
            yield
        finally:
            stop.set()
            worker.join(20)
