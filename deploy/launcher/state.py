"""Who runs on a data folder, and where its parts answer: the lock $VAR/run.lock and the file $VAR/run.json.

Written by run; read by `make manage`, `make backup` and a second `make run`.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from deploy.launcher import console
from deploy.launcher.errors import Refusal

STOPPING, STOPPED = "stopping", "stopped"
# Longer than the parts' own patience, so that a launcher that is stopping is always waited for.
STOP_PATIENCE = 90


class RunLock:
    """The right to run on a data folder; the kernel takes it back when the process dies."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def note(self, text: str) -> None:
        """Leave a word for whoever finds the lock taken."""
        self.file.seek(0)
        self.file.truncate()
        self.file.write(f"{os.getpid()} {text}\n")
        self.file.flush()


@contextlib.contextmanager
def lock(var: Path, name: str = "run") -> Iterator[RunLock]:
    """Hold the data folder; raises Refusal while another process holds it, after waiting for one that is stopping."""
    with (var / f"{name}.lock").open("a+") as file:
        deadline = time.monotonic() + STOP_PATIENCE
        told = False
        while not try_lock(file):
            holder = read_note(var, name)
            if STOPPING not in holder or time.monotonic() > deadline:
                raise Refusal(taken_sentence(var, name, holder))
            if not told:
                console.say("上一次运行正在停止，稍候 …")
                told = True
            time.sleep(0.3)
        held = RunLock(file)
        held.note("running")
        yield held


def try_lock(file: TextIO) -> bool:
    """Take the lock if it is free."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(var: Path, name: str = "run") -> bool:
    """Return whether a process holds the data folder now."""
    path = var / f"{name}.lock"
    if not path.exists():
        return False
    with path.open("a+") as file:
        return not try_lock(file)


def read_note(var: Path, name: str) -> str:
    """Return what the holder of the lock wrote."""
    try:
        return (var / f"{name}.lock").read_text().strip()
    except OSError:
        return ""


def holder_pid(var: Path, name: str = "run") -> int | None:
    """Return the process that holds the data folder now, or None."""
    if not is_locked(var, name):
        return None
    pid = read_note(var, name).split(" ")[0]
    return int(pid) if pid.isdecimal() else None


def taken_sentence(var: Path, name: str, holder: str) -> str:
    """Say that somebody else works on the data folder, and what to do."""
    pid = holder.split(" ")[0] or "未知"
    if name != "run":
        return f"数据文件夹 {var} 上已有一个 make {name} 在运行（进程 {pid}）；请等它结束。"
    return (
        f"数据文件夹 {var} 上已有一个 make run 在运行（进程 {pid}）；请在那个终端按 Ctrl-C 停止它，"
        "或另选 VAR= 与 PORT= 再开一个。"
    )


def write_run(var: Path, env: dict[str, str]) -> None:
    """Record the environment of the running parts, readable by their owner only: it may hold passwords."""
    path = var / "run.json"
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"pid": os.getpid(), "env": env}, file, ensure_ascii=False, indent=1)
    fresh.replace(path)


def forget_run(var: Path) -> None:
    """Remove the record at the end of a run."""
    (var / "run.json").unlink(missing_ok=True)


def read_run(var: Path) -> dict[str, str]:
    """Return the environment of the parts that run on this data folder; raises Refusal where none do."""
    if is_locked(var):
        with contextlib.suppress(OSError, ValueError, KeyError):
            return dict(json.loads((var / "run.json").read_text())["env"])
    raise Refusal(f"数据文件夹 {var} 上没有正在运行的群站；请先在另一个终端运行 make run（VAR= 须相同）。")
