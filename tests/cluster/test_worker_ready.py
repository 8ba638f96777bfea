"""The worker says that it is ready when its tasks run, not before: the launcher and an operator go by that file."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from cluster.worker import loop
from cluster.worker.management.commands import worker


class Quiet:
    """A task that does nothing."""

    name = "quiet"
    interval = 60.0

    def run(self) -> bool:
        """Do nothing."""
        return False


@pytest.fixture
def ready(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the file that says so, in a data folder of its own; the command's signal handlers are taken back."""
    settings.VAR_DIR = tmp_path
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield tmp_path / "worker.ready"
    for number, handler in before:
        signal.signal(number, handler)


def test_ready_when_the_tasks_have_started_and_no_longer_at_the_end(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def load(only: object = ()) -> list[loop.Task]:
        seen.append(ready.exists())
        return [Quiet()]

    def listen(wake_all: object, stop: threading.Event) -> None:
        seen.append(ready.exists())
        assert [thread.name for thread in threading.enumerate()].count("worker-quiet") == 1
        stop.set()

    monkeypatch.setattr(loop, "load_tasks", load)
    monkeypatch.setattr(loop, "listen", listen)
    call_command("worker")
    assert seen == [False, True]
    assert not ready.exists()


def test_tasks_that_cannot_be_loaded_leave_the_worker_unready(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(only: object = ()) -> list[loop.Task]:
        raise ImportError("no such task")

    touched: list[bool] = []
    monkeypatch.setattr(loop, "load_tasks", load)
    monkeypatch.setattr(worker.Path, "touch", lambda *_: touched.append(True))
    with pytest.raises(ImportError, match="no such task"):
        call_command("worker")
    assert touched == []
    assert not ready.exists()
