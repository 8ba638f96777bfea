"""A task backend that does its tasks later and elsewhere, as a queue with a worker in `public` does; to meet leak L7."""

from collections.abc import Callable
from typing import Any

from django_tasks.backends.immediate import ImmediateBackend

waiting: list[Callable[[], Any]] = []


class LateBackend(ImmediateBackend):
    """Keep tasks until `do_waiting`."""

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Put the task aside."""
        waiting.append(lambda: super(LateBackend, self).enqueue(task, args, kwargs))


def do_waiting() -> None:
    """Do what waits, wherever the connection stands now."""
    while waiting:
        waiting.pop(0)()
