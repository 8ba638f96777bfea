"""A PostgreSQL of the test's own, filled from the run's template, that may be killed as a power cut would.

Used by tests/flows; the server that all tests share stays untouched.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg2

from deploy.launcher.postgres import OWNER, SUPERUSER, EmbeddedPostgres, programs_folder
from tests.support.database import template_name
from tests.support.running import with_database


@dataclass
class OwnPostgres:
    """One server with one installation's database in it."""

    server: EmbeddedPostgres
    web_role: str = ""

    @property
    def url(self) -> str:
        """The owner's connection URL."""
        return self.server.url(OWNER)

    @property
    def web_url(self) -> str:
        """The web role's connection URL; empty where the run has no such role."""
        return self.server.url(self.web_role) if self.web_role else ""

    def fill(self, run_url: str) -> None:
        """Copy the run's template database, roles' rights included."""
        with contextlib.closing(psycopg2.connect(self.server.url(SUPERUSER, "postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [self.web_role])
                if self.web_role and cursor.fetchone() is None:
                    cursor.execute(f'CREATE ROLE "{self.web_role}" LOGIN')
        source = with_database(run_url, template_name())
        dump = [programs_folder() / "pg_dump", "--no-owner", "-d", source]
        load = [programs_folder() / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", self.url]
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as dumping:
            loaded = subprocess.run(load, stdin=dumping.stdout, stdout=subprocess.DEVNULL, check=False)
        assert (dumping.returncode, loaded.returncode) == (0, 0), "the template could not be copied"

    def processes(self) -> list[psutil.Process]:
        """Return the postmaster and all its children."""
        postmaster = self.server.process()
        return [postmaster, *postmaster.children(recursive=True)] if postmaster else []

    def kill_all(self) -> None:
        """Kill every process of the server at once, as a power cut does; nothing is written any more."""
        found = self.processes()
        assert found, "the server does not run"
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=10)

    def kill_one_backend(self) -> None:
        """Kill one busy connection's process; the postmaster then throws out all others and recovers."""
        for _ in range(500):
            for process in self.processes()[1:]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    line = " ".join(process.cmdline())
                    if f"{self.web_role or OWNER} " in line and "idle" not in line.split("]")[-1]:
                        process.kill()
                        return
            time.sleep(0.01)
        raise AssertionError("no backend was busy")


@contextlib.contextmanager
def own_postgres(var: Path, *, run_url: str, run_web_url: str) -> Iterator[OwnPostgres]:
    """Give a server on this data folder, filled; stop it at the end."""
    own = OwnPostgres(EmbeddedPostgres(var), urlsplit(run_web_url).username or "")
    try:
        own.server.start()
        own.fill(run_url)
        yield own
    finally:
        own.server.stop()
