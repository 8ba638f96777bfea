"""Command worker: run the background tasks until told to stop."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cluster.worker.loop import UnknownTask, run_worker


class Command(BaseCommand):
    """Run the worker."""

    help = "运行后台任务：登记变更、更新检索和存储的页面、提取附件、开通站点、定时发布"

    def add_arguments(self, parser: CommandParser) -> None:
        """Let a further application server do its own part alone."""
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="任务",
            help="只运行这个任务，可重复；另一台应用服务器用 --only edge",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT; touches $VAR/worker.ready when the tasks have started."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        ready = Path(settings.VAR_DIR) / "worker.ready"
        try:
            run_worker(stop, ready.touch, only=options["only"])
        except UnknownTask as error:
            raise CommandError(str(error)) from error
        finally:
            ready.unlink(missing_ok=True)
