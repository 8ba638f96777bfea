"""How long `make run` takes until a citizen gets the first page: from nothing, started again, and with the whole province.

The launcher runs as a process of its own, on a data folder and a port of its own, so that nothing else on the machine is
touched. The downloads are there already: the Python packages are this interpreter's, Elasticsearch is the zip that Maven
keeps or the programs that `make bench` has unpacked.
"""

import contextlib
import http.client
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.launcher import processes
from deploy.launcher.elasticsearch import VERSION, free_port
from deploy.launcher.options import REPO
from tests.bench.figures import Figure
from tests.bench.workshop import BenchFailed, Workshop
from tests.support.running import UNWANTED, wait_until

AGAIN = 3
# What `make bench` and the caller's shell say of other installations.
OTHERS = ("DATABASE_", "ELASTICSEARCH_", "SECRET_KEY", "BENCH_DIR", "ONLY", "LOG_LEVEL", "EMAIL_", "HOST", "CI")
READY = "群站已就绪"
PATIENCE = 900.0
MAVEN = Path("~/.m2/repository/org/elasticsearch/distribution/integ-test-zip/elasticsearch").expanduser()


def start(workshop: Workshop) -> Iterator[Figure]:
    """Start the demonstration cluster from an empty folder, then again and again."""
    with _folder(workshop) as var:
        yield Figure("start_fresh", _start(workshop, var, "demo"), "s")
        again = [_start(workshop, var, "demo") for _ in range(AGAIN)]
        yield Figure("start_again", statistics.median(again), "s", AGAIN)


def start_province(workshop: Workshop) -> Iterator[Figure]:
    """Start the whole province from an empty folder."""
    with _folder(workshop) as var:
        yield Figure("start_province", _start(workshop, var, "province"), "s")


@contextlib.contextmanager
def _folder(workshop: Workshop) -> Iterator[Path]:
    """Give a data folder, on the disk where real ones lie: the folder for temporary files is often no disk at all."""
    var = workshop.static.with_name(f"start-{os.getpid()}")
    var.mkdir()
    try:
        yield var
    finally:
        shutil.rmtree(var, ignore_errors=True)


def _start(workshop: Workshop, var: Path, sites: str) -> float:
    """Start, wait for the first page, let everything come up, stop as Ctrl-C does; return the seconds to the page."""
    port, said = free_port(), var.with_name(f"{var.name}.log")
    environment = _environment(workshop, var) | {"VAR": str(var), "PORT": str(port), "SITES": sites, "DEMO": "1"}
    command = [sys.executable, "-m", "deploy.launcher"]
    began = time.perf_counter()
    with said.open("wb") as output:
        launcher = subprocess.Popen(
            [*command, "run"],
            cwd=REPO,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(),
        )

    def is_going_on() -> bool:
        assert launcher.poll() is None, f"the launcher has ended\n{processes.last_lines(said, 20)}"
        return True

    try:
        wait_until(lambda: is_going_on() and _answers(port), PATIENCE, "the first page", said.read_text)
        seconds = time.perf_counter() - began
        wait_until(lambda: is_going_on() and READY in said.read_text(), PATIENCE, "all parts answer", said.read_text)
    finally:
        launcher.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            launcher.wait(120)
        # Of one that came down in order nothing is left, and this says so at once.
        subprocess.run([*command, "stop"], cwd=REPO, env=environment, capture_output=True, check=False)
        said.unlink()
    return seconds


def _answers(port: int) -> bool:
    """Return whether a citizen gets the home page of the province's portal, which both clusters have."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Host": f"province.localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _environment(workshop: Workshop, var: Path) -> dict[str, str]:
    """Return the caller's environment as a fresh terminal has it, with the downloads at hand."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith((*UNWANTED, *OTHERS))}
    archive = Path(os.environ.get("ES_ZIP") or MAVEN / VERSION / f"elasticsearch-{VERSION}.zip")
    unpacked = workshop.static.parent.parent / "es" / f"elasticsearch-{VERSION}"
    if archive.exists():
        return kept | {"ES_ZIP": str(archive), "PYTHONUTF8": "1"}
    if not unpacked.exists():
        raise BenchFailed("Elasticsearch 还没有下载（ES_ZIP= 可指定压缩包），启动用时没有测到。")
    link = var / "es" / unpacked.name
    link.parent.mkdir(exist_ok=True)
    if not link.exists():
        link.symlink_to(unpacked)
    return kept | {"PYTHONUTF8": "1"}
