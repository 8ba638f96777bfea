"""The parts that the launcher keeps alive, behind one small interface: PostgreSQL, Elasticsearch, web, worker.

Made by run, watched by supervisor.
"""

import http.client
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from deploy.launcher import processes
from deploy.launcher.elasticsearch import Elasticsearch
from deploy.launcher.postgres import EmbeddedPostgres


class Part(Protocol):
    """Something that runs and can be started again."""

    label: str

    def start(self) -> None:
        """Start it, after clearing away what an earlier one left."""

    def is_alive(self) -> bool:
        """Return whether it runs."""

    def is_ready(self) -> bool:
        """Return whether it answers."""

    def stop(self) -> None:
        """Stop it and wait for its end."""

    def last_words(self) -> str:
        """Return the end of its log."""


class PostgresPart:
    """The embedded PostgreSQL."""

    label = "PostgreSQL"

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.server.start()

    def is_alive(self) -> bool:
        """Return whether the postmaster runs."""
        return self.server.process() is not None

    def is_ready(self) -> bool:
        """Return whether it takes connections."""
        return self.server.answers()

    def stop(self) -> None:
        """Stop the server with a checkpoint."""
        self.server.stop()

    def last_words(self) -> str:
        """Return the end of the newest log."""
        return self.server.last_words()


class ElasticsearchPart:
    """Our own Elasticsearch."""

    label = "Elasticsearch"

    def __init__(self, server: Elasticsearch) -> None:
        self.server = server

    def start(self) -> None:
        """Start the server without waiting."""
        self.server.start()

    def is_alive(self) -> bool:
        """Return whether the server runs or starts."""
        return self.server.is_alive()

    def is_ready(self) -> bool:
        """Return whether the server is ready to search and write."""
        return self.server.answers()

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()

    def last_words(self) -> str:
        """Return why it did not start."""
        return self.server.last_words()


class ChildPart:
    """A program of ours that runs as the launcher's child: gunicorn or the worker."""

    def __init__(self, label: str, name: str, command: Sequence[str], *, var: Path, env: Mapping[str, str]) -> None:
        self.label, self.name = label, name
        self.command, self.var, self.env = command, var, env
        self.log = var / "log" / f"{name}.log"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program; its killed forerunner's children still hold the port, so they go first."""
        processes.stop(processes.strays(self.name, self.var), patience=5)
        self.child = processes.spawn(self.name, self.command, var=self.var, env=self.env, log=self.log)

    def is_alive(self) -> bool:
        """Return whether the program runs."""
        return self.child is not None and self.child.poll() is None

    def is_ready(self) -> bool:
        """Return whether the program answers; for one without a port, whether it runs."""
        return self.is_alive()

    def stop(self) -> None:
        """Ask the program to end, and kill what is left of it and of its children."""
        processes.stop(processes.strays(self.name, self.var), patience=20)
        if self.child is not None:
            self.child.wait()

    def last_words(self) -> str:
        """Return the end of its log."""
        return processes.last_lines(self.log)


class WebPart(ChildPart):
    """Gunicorn with the product in it."""

    def __init__(self, command: Sequence[str], *, var: Path, env: Mapping[str, str], address: tuple[str, int]) -> None:
        super().__init__("网站", "web", command, var=var, env=env)
        self.address = address
        # The host that is asked; any site of the installation will do, the console always exists.
        self.site = "console.localhost"

    def is_ready(self) -> bool:
        """Return whether a page comes without a server error."""
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        try:
            connection.request("GET", "/", headers={"Host": f"{self.site}:{self.address[1]}"})
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class WorkerPart(ChildPart):
    """The background worker."""

    def __init__(self, command: Sequence[str], *, var: Path, env: Mapping[str, str]) -> None:
        super().__init__("后台任务", "worker", command, var=var, env=env)
        # The worker makes this file when its tasks have started, and removes it at its end.
        self.flag = var / "worker.ready"

    def start(self) -> None:
        """Start the worker without the flag of a killed one."""
        self.flag.unlink(missing_ok=True)
        super().start()

    def is_ready(self) -> bool:
        """Return whether the worker's tasks have started."""
        return self.is_alive() and self.flag.exists()
