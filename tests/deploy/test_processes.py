"""Telling our processes from others, and ending them."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.launcher import processes
from deploy.launcher.options import REPO

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a part that sleeps."""
    one = processes.spawn("web", [sys.executable, "-c", SLEEP], var=tmp_path, env=os.environ, log=tmp_path / "log")
    yield one
    with contextlib.suppress(ProcessLookupError):
        one.kill()
    one.wait()


def test_a_stale_pid_that_is_somebody_elses_by_now_is_not_ours(tmp_path: Path) -> None:
    file = tmp_path / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n/data\n")
    assert processes.find_process(processes.read_pid(file), "/data/of/qunzhan") is None
    own = processes.find_process(processes.read_pid(file), psutil.Process().cmdline()[0])
    assert own is not None
    assert own.pid == os.getpid()


def test_a_missing_or_broken_pid_file_means_no_process(tmp_path: Path) -> None:
    assert processes.read_pid(tmp_path / "none") is None
    (tmp_path / "broken").write_text("???")
    assert processes.read_pid(tmp_path / "broken") is None
    assert processes.find_process(None, "x") is None


def test_what_a_launcher_left_is_found_by_its_mark_only(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    assert [found.pid for found in processes.strays("web", tmp_path)] == [child.pid]
    assert processes.strays("worker", tmp_path) == []
    assert processes.strays("web", tmp_path / "other") == []


def test_a_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    one = processes.spawn("web", [sys.executable, "-c", stubborn], var=tmp_path, env=os.environ, log=log)
    wait_for(lambda: log.read_text() == "1\n")
    processes.stop([psutil.Process(one.pid)], patience=0.2)
    assert not psutil.pid_exists(one.pid)


def test_a_part_ends_when_its_launcher_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from deploy.launcher import processes\n"
        f"one = processes.spawn('web', [sys.executable, '-c', {SLEEP!r}], var=Path({str(tmp_path)!r}),"
        f" env=os.environ, log=Path({str(tmp_path)!r}) / 'log')\n"
        "print(one.pid, flush=True); time.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code], cwd=REPO, stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    part = psutil.Process(int(launcher.stdout.readline()))
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    wait_for(lambda: not part.is_running() or part.status() == psutil.STATUS_ZOMBIE)


def test_a_big_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "web.log"
    log.write_text("old\n")
    with processes.open_log(log):
        pass
    assert log.read_text() == "old\n"
    monkeypatch.setattr(processes, "LOG_LIMIT", 1)
    with processes.open_log(log):
        pass
    assert log.read_text() == ""
    assert (tmp_path / "web.log.1").read_text() == "old\n"


def test_the_last_lines_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\n".join(b"line %d" % number for number in range(9)) + b"\n\n\xff\n")
    assert processes.last_lines(log, 2) == "line 8\n\N{REPLACEMENT CHARACTER}"
    assert processes.last_lines(tmp_path / "none") == ""


def wait_for(condition: object, seconds: float = 10) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)
