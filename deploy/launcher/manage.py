"""`make manage ARGS="…"`: manage.py against the parts that a `make run` in another terminal keeps going."""

import os
import sys

from deploy.launcher import state
from deploy.launcher.environment import environment
from deploy.launcher.errors import Refusal
from deploy.launcher.options import REPO, Options
from deploy.launcher.run import SETTINGS


def manage(options: Options, arguments: list[str]) -> int:
    """Become manage.py with the environment of the running parts."""
    if not arguments:
        raise Refusal('请写出命令，例如 make manage ARGS="list_sites"；全部命令见 make manage ARGS=help。')
    env = environment(options, settings=SETTINGS) | state.read_run(options.var)
    command = [sys.executable, str(REPO / "manage.py"), *arguments]
    os.execve(command[0], command, env)  # noqa: S606  no shell is wanted
