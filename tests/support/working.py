"""Run the worker's tasks in the test's own thread until nothing is left to do."""

from cluster.resources.attachments import extract_attachments
from cluster.resources.projection_task import project_marks
from cluster.worker.loop import Task


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
