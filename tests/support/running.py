"""The real product on the run's database: gunicorn and the worker as processes of their own, started, killed, stopped.

Used by tests/flows (fixture `running`) and tests/bench; the tests talk to it as citizens, editors and operators do, by HTTP
and by commands. Everything it writes lies in a data folder of its own.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psutil

from deploy.launcher import processes, static_files
from deploy.launcher.elasticsearch import free_port
from deploy.launcher.options import REPO
from deploy.launcher.parts import ChildPart, WebPart, WorkerPart

SETTINGS = "cluster.settings.dev"
GUNICORN = [
    sys.executable,
    "-m",
    "gunicorn",
    "--config",
    str(REPO / "deploy" / "gunicorn.conf.py"),
    "cluster.wsgi:application",
]
MANAGE = [sys.executable, str(REPO / "manage.py")]
# What the caller's shell or pytest set for itself must not reach the product.
UNWANTED = ("PG", "PYTHON", "GUNICORN", "DJANGO", "QUNZHAN", "EDGE", "SEARCH_", "SITE_", "WEB_")


@dataclass
class Product:
    """One installation: where its data lies, what it is connected to, and its two processes."""

    var: Path
    database_url: str
    database_web_url: str = ""
    elasticsearch_url: str = ""
    index_prefix: str = "qunzhan-flow"
    secret_key: str = ""
    port: int = field(default_factory=free_port)

    @cached_property
    def environment(self) -> dict[str, str]:
        """The environment of every process of this installation, made from nothing that the caller happened to set."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
        return kept | {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "VAR": str(self.var),
            "PORT": str(self.port),
            "DEMO": "0",
            "DATABASE_URL": self.database_url,
            "DATABASE_WEB_URL": self.database_web_url,
            "ELASTICSEARCH_URL": self.elasticsearch_url,
            "SEARCH_INDEX_PREFIX": self.index_prefix,
            # API tokens are stored as hashes under this key; without one the installation makes its own.
            "SECRET_KEY": self.secret_key,
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        }

    @cached_property
    def web(self) -> WebPart:
        """Gunicorn, in the role of the web."""
        env = self.environment | {"QUNZHAN_ROLE": "web", "QUNZHAN_BIND": f"127.0.0.1:{self.port}"}
        return WebPart(GUNICORN, var=self.var, env=env, address=("127.0.0.1", self.port))

    @cached_property
    def worker(self) -> WorkerPart:
        """The background worker."""
        return WorkerPart([*MANAGE, "worker"], var=self.var, env=self.environment)

    def url(self, site: str, path: str = "/") -> str:
        """Return the address of a path of a site as citizens write it."""
        return f"http://{site}.localhost:{self.port}{path}"

    def start(self) -> None:
        """Start both parts and wait until they answer."""
        self.web.start()
        self._begin_worker()
        for part in (self.web, self.worker):
            self._wait_for(part)

    def _wait_for(self, part: ChildPart) -> None:
        """Wait until the part answers; one that has ended will not, so its log is shown at once."""

        def is_ready() -> bool:
            assert part.is_alive(), f"{part.name} has ended\n{self.last_words()}"
            return part.is_ready()

        wait_until(is_ready, 60, f"{part.name} answers", self.last_words)

    def start_worker(self, *tasks: str) -> None:
        """Start the worker, for these tasks alone if any are named, and wait for it."""
        self._begin_worker(*tasks)
        self._wait_for(self.worker)

    def _begin_worker(self, *tasks: str) -> None:
        self.worker.command = [*MANAGE, "worker", *(word for task in tasks for word in ("--only", task))]
        self.worker.start()

    def kill_worker(self) -> None:
        """Kill the worker as a power cut would (SIGKILL), with nothing said goodbye to."""
        child = self.worker.child
        assert child is not None, "the worker was never started"
        child.kill()
        child.wait()

    def kill_web(self) -> None:
        """Kill gunicorn with all its workers as a power cut would."""
        child = self.web.child
        assert child is not None, "gunicorn was never started"
        master = psutil.Process(child.pid)
        for process in (master, *master.children(recursive=True)):
            process.kill()
        child.wait()

    def stop(self) -> None:
        """Stop both parts."""
        self.worker.stop()
        self.web.stop()

    def begin(self, *arguments: str, elasticsearch_url: str | None = None) -> "subprocess.Popen[str]":
        """Start a management command and return its process; it may reach Elasticsearch by a way of its own."""
        env = self.environment | ({} if elasticsearch_url is None else {"ELASTICSEARCH_URL": elasticsearch_url})
        return subprocess.Popen(
            [*MANAGE, *arguments],
            cwd=REPO,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=processes.die_with_parent(),
        )

    def manage(self, *arguments: str, timeout: float = 120) -> "subprocess.CompletedProcess[str]":
        """Run a management command to its end; its output is in stdout, errors included."""
        process = self.begin(*arguments)
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            raise AssertionError(f"{arguments} did not end in {timeout} s:\n{said[-4000:]}") from None
        return subprocess.CompletedProcess(list(arguments), process.returncode, said, "")

    def last_words(self) -> str:
        """Return the ends of both logs, for the message of a failed test."""
        return "\n".join(
            f"---- {part.name}.log\n{processes.last_lines(part.log, 40)}" for part in (self.web, self.worker)
        )

    def collect_static(self, shared: Path) -> None:
        """Link the static files in, collected once for all runs and again only when their sources have changed."""
        shared.mkdir(parents=True, exist_ok=True)
        if not static_files.is_fresh(shared):
            gathered = Product(shared, self.database_url).manage("collectstatic", "--noinput", "-v", "0")
            assert gathered.returncode == 0, gathered.stdout
            static_files.mark_fresh(shared)
        (self.var / "static").symlink_to(shared / "static")


def wait_until(is_so: Callable[[], object], seconds: float, what: str, explain: Callable[[], str] = str) -> float:
    """Ask again and again until it is so; return the seconds it took. Fails with what was expected and the explanation."""
    began = time.monotonic()
    while True:
        if is_so():
            return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s: {what}\n{explain()}")
        time.sleep(0.05)


def with_database(url: str, name: str) -> str:
    """Return the connection URL with another database's name."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{quote(name)}", urlencode(parse_qsl(parts.query), safe="/"), ""))


@contextlib.contextmanager
def serving(product: Product) -> Iterator[Product]:
    """Give the product while it runs; stop what it started, whatever happens."""
    try:
        product.start()
        yield product
    finally:
        product.stop()
