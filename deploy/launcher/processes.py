"""Start, recognise and stop processes, ours and those that a killed launcher left behind.

Called by postgres, elasticsearch and supervisor. A process is only touched when its command line or its
environment names our data folder: a pid alone may long belong to somebody else.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from deploy.launcher.options import REPO
from deploy.launcher.parent import PR_SET_PDEATHSIG

# In the environment of every part that the launcher starts: "<part>:<data folder>".
MARK = "QUNZHAN_PART"
LOG_LIMIT = 10 * 1024 * 1024


def read_pid(path: Path) -> int | None:
    """Return the number on the first line of a pid file, or None where there is none."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def find_process(pid: int | None, marker: str) -> psutil.Process | None:
    """Return the living process with this pid whose command line holds the marker, else None."""
    if not pid:
        return None
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process if any(marker in part for part in process.cmdline()) else None
    except psutil.Error:
        return None


def strays(part: str, var: Path) -> list[psutil.Process]:
    """Return the living processes that an earlier launcher started as this part for this data folder."""
    mark = f"{part}:{var}"
    own = {os.getpid(), os.getppid()}
    found = []
    for process in psutil.process_iter():
        # Other people's processes hide their environment; they are none of ours.
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid not in own and process.environ().get(MARK) == mark:
                found.append(process)
    return found


def with_argument(argument: str) -> list[psutil.Process]:
    """Return the living processes that were started with exactly this argument."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if argument in process.cmdline():
                found.append(process)
    return found


def stop(processes: Sequence[psutil.Process], *, first: signal.Signals = signal.SIGTERM, patience: float = 15) -> None:
    """Ask the processes to end, wait, and kill what has not ended after so many seconds."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def die_with_parent() -> Callable[[], None] | None:
    """Return what a child runs before exec so that it is asked to end when the launcher is killed (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arm() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def spawn(
    part: str, command: Sequence[str], *, var: Path, env: Mapping[str, str], log: Path | None
) -> subprocess.Popen[bytes]:
    """Start a part in a session of its own, so that Ctrl-C reaches the launcher alone.

    Its output goes to the log, or to the terminal where there is none.
    """
    with open_log(log) if log else contextlib.nullcontext() as output:
        return subprocess.Popen(
            command,
            cwd=REPO,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            env={**env, MARK: f"{part}:{var}"},
            start_new_session=True,
            # A bare system call, so safe even beside threads.
            preexec_fn=die_with_parent(),
        )


@contextlib.contextmanager
def open_log(log: Path) -> Iterator[int]:
    """Give a log to append to, after setting a big one aside as *.1."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(log.suffix + ".1"))
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        yield handle
    finally:
        os.close(handle)


def last_lines(log: Path, count: int = 5) -> str:
    """Return the log's last lines for a message to the operator."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8_000))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join([line for line in text.splitlines() if line.strip()][-count:])
