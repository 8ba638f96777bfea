"""Bring database, demo and static files up to date before anything serves. Called by run.

The work itself is in prepare.py, run as a child so that Django is loaded by the product's interpreter with the
product's environment; a child that is still at work when the launcher is stopped is stopped with it.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.launcher import processes, static_files
from deploy.launcher.errors import Refusal
from deploy.launcher.options import Options

NAME = "prepare"


def prepare(options: Options, env: dict[str, str]) -> None:
    """Migrate, open the demo sites if they are wanted, and collect static files beside it if they have changed."""
    steps = ["migrate", "demo"] if options.demo else ["migrate"]
    fresh = static_files.is_fresh(options.var)
    with step_process(options, env, ["static"], quiet=True) if not fresh else no_process() as static:
        with step_process(options, env, steps) as database:
            if database is not None and database.wait() != 0:
                raise Refusal("数据库没有准备好（原因见上）；改正后再次运行 make run 会接着做。")
        if static is not None:
            if static.wait() != 0:
                words = processes.last_lines(options.var / "log" / "static.log")
                raise Refusal(f"静态文件没有收集好；日志末尾：\n{words}")
            static_files.mark_fresh(options.var)


@contextmanager
def step_process(
    options: Options, env: dict[str, str], steps: list[str], *, quiet: bool = False
) -> Iterator[subprocess.Popen[bytes] | None]:
    """Run prepare.py for the steps; its output goes to the terminal, or to a log for one that runs beside another."""
    command = [sys.executable, "-m", "deploy.launcher.prepare", *steps]
    log = options.var / "log" / f"{steps[0]}.log" if quiet else None
    child = processes.spawn(NAME, command, var=options.var, env=env, log=log)
    try:
        yield child
    finally:
        if child.poll() is None:
            processes.stop(processes.strays(NAME, options.var), patience=20)
            child.wait()


@contextmanager
def no_process() -> Iterator[None]:
    """Stand in for a step that is not needed."""
    yield None
