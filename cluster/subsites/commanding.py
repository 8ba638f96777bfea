"""What the commands of the cluster share: a progress bar, an actor from the command line, errors without traceback.

Base class of the commands in subsites, resources, search and sites.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cluster.audit.actor import acting_as
from cluster.subsites.errors import SiteError

WIDE = 1_000


class ClusterCommand(BaseCommand):
    """A command that acts under a name: override `work`."""

    needs_reason = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Add --actor and --reason to every command."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--actor", default="", help="操作人姓名，记入台账", required=self.needs_reason)
        parser.add_argument("--reason", default="", help="操作原因，记入台账", required=self.needs_reason)
        return parser

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Run `work` under the actor; a SiteError, or a database that went away, becomes one sentence and exit code 1."""
        if self.needs_reason and not (options["actor"].strip() and options["reason"].strip()):
            # The parser only asks whether they are there.
            raise CommandError("操作人姓名（--actor）和原因（--reason）都要写明，它们记入台账。")
        name = options["actor"].strip() or f"命令行用户 {_login_name()}"
        try:
            # The name of the command is no reason that a person gave: it stands in the ledger and overrides no warning.
            occasion = f"命令 {self.__module__.rsplit('.', 1)[-1]}"
            with acting_as(name=name, reason=options["reason"].strip(), occasion=occasion):
                return self.work(**options)
        except SiteError as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            cause = " ".join(str(error).split())
            raise CommandError(
                f"数据库没有应答或中断了操作，已完成的部分不受影响；请在恢复后重新运行本命令。（{cause}）"
            ) from error

    def work(self, **options: Any) -> str | None:
        """Do what the command is for."""
        raise NotImplementedError(self.__class__.__name__)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments of the command."""

    def print_table(self, table: Table) -> None:
        """Print a table; a file or another program has no width, so no name is folded to that of a terminal there."""
        console = Console(width=None if sys.stdout.isatty() else WIDE)
        with console.capture() as capture:
            console.print(table)
        self.stdout.write(capture.get())

    @contextmanager
    def progress(self, title: str, total: int | None) -> Iterator[Any]:
        """Yield a function that advances the bar by one (or n) and may set its text."""
        console = Console(stderr=True)
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        with bar:
            task = bar.add_task(title, total=total)

            def advance(text: str = "", count: int = 1) -> None:
                bar.update(task, advance=count, description=f"{title} {text}".strip())

            yield advance


def _login_name() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container's user id without a name
        return "未知"
