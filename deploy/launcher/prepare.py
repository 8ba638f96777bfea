"""Bring database, demo and static files up to date, in one process because starting Django costs seconds.

Run by run as `python -m deploy.launcher.prepare STEP…`; its output, progress bars included, goes to the terminal.
"""

import os
import sys

import django
from django.core.management import CommandError, call_command


def migrate() -> None:
    """Bring the base schemas and all sites up to date."""
    call_command("migrate_cluster")


def demo() -> None:
    """Open the demo cluster's sites that are not open yet."""
    accounts = os.path.join(os.environ["VAR"], "demo-accounts.json")
    call_command("open_demo", "--sites", os.environ["SITES"], "--accounts", accounts)


def static() -> None:
    """Collect the static files with their hashed and compressed forms."""
    call_command("collectstatic", interactive=False, verbosity=0)


STEPS = {"migrate": migrate, "demo": demo, "static": static}


def main(names: list[str]) -> int:
    """Run the named steps in order; return the exit code."""
    django.setup()
    for name in names:
        try:
            STEPS[name]()
        except CommandError as error:
            print(f"✗ {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
