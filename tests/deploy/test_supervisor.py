"""Watching the parts: deaths are noticed, starts repeated with growing pauses, signals end it."""

import os
import signal
import subprocess
import sys
import time
from subprocess import PIPE

import psutil
import pytest

from deploy.launcher import supervisor
from deploy.launcher.errors import Refusal, Stop
from deploy.launcher.options import REPO
from deploy.launcher.supervisor import Watched, stopped_by_signals, wait_ready


class FakePart:
    """A part without a process."""

    label = "零件"

    def __init__(self, *, alive: bool = True, ready: bool = True) -> None:
        self.alive, self.ready, self.starts = alive, ready, 0

    def start(self) -> None:
        """Count the start."""
        self.starts += 1
        self.alive = True

    def is_alive(self) -> bool:
        """Return what the test set."""
        return self.alive

    def is_ready(self) -> bool:
        """Return what the test set."""
        return self.ready

    def stop(self) -> None:
        """Do nothing."""

    def last_words(self) -> str:
        """Return something recognisable."""
        return "最后一句"


def test_a_dead_part_is_started_again_after_a_pause_that_grows() -> None:
    part = FakePart()
    watched = Watched(part)
    now, pauses = 0.0, []
    for _ in range(7):
        part.alive = False
        watched.look(now)
        assert watched.next_start is not None
        pauses.append(watched.next_start - now)
        now = watched.next_start
        watched.look(now)
        assert part.alive
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_a_part_that_lives_is_left_alone_and_its_deaths_are_forgotten() -> None:
    part = FakePart()
    watched = Watched(part, deaths=5)
    watched.look(10)
    assert part.starts == 0
    part.alive = False
    watched.look(supervisor.HEALTHY_AFTER + 1)
    assert watched.deaths == 1


def test_a_start_that_fails_is_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    class Failing(FakePart):
        def start(self) -> None:
            self.starts += 1
            raise Refusal("磁盘已满")

    part = Failing(alive=False)
    watched = Watched(part)
    for now in (0.0, 1.0, 2.0, 4.0):
        watched.look(now)
    assert part.starts == 2
    assert "磁盘已满" in capsys.readouterr().out


def test_waiting_ends_with_the_answer_or_with_the_reason() -> None:
    wait_ready(FakePart())
    with pytest.raises(Refusal, match=r"启动后随即停止；日志末尾：\n最后一句"):
        wait_ready(FakePart(alive=False, ready=False))
    with pytest.raises(Refusal, match="没有应答"):
        wait_ready(FakePart(ready=False), patience=0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_and_the_next_ones_do_not_disturb(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    told = []
    with stopped_by_signals(lambda: told.append("stopping")):
        with pytest.raises(Stop):
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert told == ["stopping"]
    assert signal.getsignal(number) == before


PRINTING = """
from deploy.launcher import console
from deploy.launcher.errors import Stop
from deploy.launcher.supervisor import stopped_by_signals
try:
    with stopped_by_signals(lambda: console.say("stopping")):
        while True:
            console.say("a line " * 1000)
except Stop:
    console.say("stopped")
"""


def test_a_signal_in_the_middle_of_a_line_stops_all_the_same() -> None:
    """The terminal takes no more for a while, so that the signal is sure to find the launcher within a print."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", PRINTING]
    launcher = subprocess.Popen(command, cwd=REPO, env=buffered, stdout=PIPE, stderr=PIPE, text=True)
    process = psutil.Process(launcher.pid)
    while process.status() != psutil.STATUS_SLEEPING or not process.cpu_times().user:
        time.sleep(0.1)
    time.sleep(1)
    launcher.send_signal(signal.SIGINT)
    said, errors = launcher.communicate(timeout=30)
    assert (launcher.returncode, errors) == (0, "")
    assert said.endswith("stopped\n")
