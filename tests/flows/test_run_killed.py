"""`make run` as operators know it: from an empty folder, each part killed beneath it, all of it killed, stopped by Ctrl-C.

The launcher, its own PostgreSQL, gunicorn and the worker are processes of their own; searches go to PostgreSQL, since unpacking
a second Elasticsearch would take longer than all the rest.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import requests

from deploy.launcher import processes
from deploy.launcher.elasticsearch import free_port
from deploy.launcher.options import REPO
from deploy.launcher.postgres import EmbeddedPostgres
from tests.support.running import UNWANTED, wait_until

# What is waited for below may take longer than other tests as a whole.
pytestmark = pytest.mark.timeout(1500)
LAUNCHER = [sys.executable, "-m", "deploy.launcher"]
READY = "群站已就绪"
# Six moulds are migrated in an empty database; a busy machine takes its time.
PATIENCE = 400
NAMES = {"gamma": "丙县人民政府", "delta": "丁县人民政府"}


@dataclass
class Run:
    """One data folder, and the launcher that works on it now."""

    var: Path
    port: int = field(default_factory=free_port)
    launcher: "subprocess.Popen[bytes] | None" = None

    @property
    def environment(self) -> dict[str, str]:
        """What a fresh terminal has, and the choices of this run."""
        others = (
            "DATABASE_",
            "ELASTICSEARCH_",
            "SECRET_KEY",
            "VAR",
            "PORT",
            "HOST",
            "SITES",
            "DEMO",
            "CI",
            "LOG_LEVEL",
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith((*UNWANTED, *others))}
        chosen = {"VAR": str(self.var), "PORT": str(self.port), "DEMO": "0", "ELASTICSEARCH_URL": ""}
        return kept | chosen | {"PYTHONUTF8": "1"}

    @property
    def said(self) -> str:
        """What the launcher of this run has printed."""
        return (self.var / "said.log").read_text(errors="replace")

    def start(self) -> None:
        """Run it, and wait until it says that everything answers."""
        with (self.var / "said.log").open("wb") as output:
            self.launcher = subprocess.Popen(
                [*LAUNCHER, "run"],
                cwd=REPO,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(),
            )
        wait_until(lambda: READY in self._alive().said, PATIENCE, "everything answers", lambda: self.said)

    def _alive(self) -> "Run":
        assert self.launcher is not None
        assert self.launcher.poll() is None, f"the launcher has ended\n{self.said}"
        return self

    def manage(self, *arguments: str) -> None:
        """Do what `make manage` does in a second terminal."""
        done = subprocess.run(
            [*LAUNCHER, "manage", *arguments],
            cwd=REPO,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def server(self) -> psutil.Process:
        """Return the postmaster."""
        found = EmbeddedPostgres(self.var).process()
        assert found is not None, self.said
        return found

    def living(self, part: str) -> list[psutil.Process]:
        """Return the processes of a part."""
        return [self.server()] if part == "postgres" else processes.strays(part, self.var)

    def is_whole(self) -> bool:
        """Tell whether every part runs."""
        server = EmbeddedPostgres(self.var)
        return bool(server.process() and server.answers() and self.living("web") and self.living("worker"))

    def kill(self, *parts: str) -> None:
        """Kill parts with their children, as a lack of memory would; nothing says goodbye."""
        doomed = [process for part in parts for process in self.living(part)]
        assert doomed, parts
        for process in doomed:
            process.kill()
        psutil.wait_procs(doomed, timeout=30)

    def serves(self) -> bool:
        """Tell whether every site answers with a page that asks the database, and each with its own."""
        try:
            return all(name in self.search(code) and not self._names_beside(code) for code, name in NAMES.items())
        except requests.RequestException:
            return False

    def _names_beside(self, code: str) -> list[str]:
        page = self.search(code)
        return [name for other, name in NAMES.items() if other != code and name in page]

    def search(self, code: str) -> str:
        """Return the search page of a site, which no store holds."""
        host = {"Host": f"{code}.localhost:{self.port}"}
        answer = requests.get(f"http://127.0.0.1:{self.port}/search/", headers=host, timeout=60)
        return answer.text if answer.status_code == 200 else ""

    def left(self) -> list[psutil.Process]:
        """Return what runs on the data folder though nobody is there."""
        own = [
            process for part in ("web", "worker", "prepare", "fetch") for process in processes.strays(part, self.var)
        ]
        server = EmbeddedPostgres(self.var).process()
        return [*own, server] if server else own


@pytest.fixture(scope="module")
def two_sites() -> Iterator[Run]:
    """Give a run on an empty folder with two sites; whatever is left at the end is stopped."""
    with tempfile.TemporaryDirectory(prefix="qz-run-") as folder:
        run = Run(Path(folder))
        try:
            run.start()
            for code, name in NAMES.items():
                run.manage("open_site", code, "--name", name, "--kind", "county", "--region", "230183")
            yield run
        finally:
            if run.launcher is not None and run.launcher.poll() is None:
                run.launcher.send_signal(signal.SIGINT)
                run.launcher.wait(120)
            subprocess.run([*LAUNCHER, "stop"], cwd=REPO, env=run.environment, capture_output=True, check=False)


@pytest.fixture
def run(two_sites: Run) -> Run:
    """Give it running whole, whatever the last test did to it."""
    if two_sites.launcher is None or two_sites.launcher.poll() is not None:
        two_sites.start()
    wait_until(two_sites.is_whole, 120, "every part is there", lambda: two_sites.said)
    return two_sites


@pytest.mark.parametrize("part", ["web", "worker", "postgres"])
def test_a_killed_part_is_started_again(run: Run, part: str) -> None:
    before, said = {process.pid for process in run.living(part)}, len(run.said)
    run.kill(part)
    wait_until(run.is_whole, 120, "it is there again", lambda: run.said)
    wait_until(run.serves, 120, "every site answers", lambda: run.said)
    assert before.isdisjoint(process.pid for process in run.living(part))
    # PostgreSQL answers a moment before the launcher hears that it does.
    wait_until(lambda: "已重新启动" in run.said[said:], 120, "the operator is told", lambda: run.said)
    assert run.launcher is not None
    assert run.launcher.poll() is None


def test_after_everything_was_killed_the_next_run_works_and_a_ctrl_c_ends_it_whole(run: Run) -> None:
    assert run.launcher is not None
    run.launcher.kill()
    run.launcher.wait()
    run.kill("web", "worker", "postgres")
    wait_until(lambda: not run.left(), 60, "everything is dead", lambda: str(run.left()))
    run.start()
    wait_until(run.serves, 60, "every site answers", lambda: run.said)
    run.launcher.send_signal(signal.SIGINT)
    assert run.launcher.wait(240) == 0, run.said
    wait_until(lambda: not run.left(), 60, "everything has ended", lambda: str(run.left()))
