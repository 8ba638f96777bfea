"""The commands behind `make`: python -m deploy.launcher COMMAND. Entered by bootstrap inside the environment."""

import io
import sys
from collections.abc import Callable

from deploy.launcher import backup, console, manage, run, suite, tidy
from deploy.launcher.errors import Refusal
from deploy.launcher.options import Options, read_options

COMMANDS: dict[str, Callable[[Options, list[str]], int]] = {
    "run": lambda options, arguments: run.run(options),
    "manage": manage.manage,
    "test": suite.test,
    "check": suite.check,
    "flows": suite.flows,
    "bench": suite.bench,
    "backup": backup.backup,
    "stop": tidy.stop,
    "clean": tidy.clean,
}


def main(arguments: list[str]) -> int:
    """Run the command named first; every refusal is one sentence and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    command = COMMANDS.get(arguments[0] if arguments else "")
    if command is None:
        console.fail(f"用法：make {'|'.join(COMMANDS)}")
        return 2
    try:
        return command(read_options(), arguments[1:])
    except Refusal as refusal:
        console.fail(str(refusal))
        return 1
    except KeyboardInterrupt:
        console.say("已中断。")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
