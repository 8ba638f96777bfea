"""`make test`, `make check`, `make flows` and `make bench`: the tools, and the services that they need.

PostgreSQL and Elasticsearch run on a data folder of their own, $VAR/test, and stop at the end. What is missing on
the machine is said loudly and its tests skip; with CI=true it fails. The whole suite runs in two parts: most tests in two
processes side by side, each with a database of its own, then the flows, which run the product and wait for it, alone.
"""

import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.launcher import checks, console, services, state
from deploy.launcher.browser import provide_browser
from deploy.launcher.debian import provide_nginx, provide_wrk
from deploy.launcher.elasticsearch import Elasticsearch
from deploy.launcher.environment import environment
from deploy.launcher.errors import Refusal
from deploy.launcher.options import REPO, Options

SETTINGS = "cluster.settings.test"
# One set of services for all: a measurement beside a test run would measure that.
NAME = "test"
# The product; tests are typed where it helps their reader.
PACKAGES = ("cluster", "sites", "search", "deploy")
CHECKS: dict[str, list[str]] = {
    "ruff": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy", *PACKAGES],
    "import-linter": ["lint-imports"],
    "djhtml": ["djhtml", "--check", "templates"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
}
# import-linter has no module to run by.
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
ARCHITECTURE = ["pytest", "-q", "tests/architecture"]
FLOWS = "tests/flows"
# In this order in each process, too: tests/support/scheduling.py.
SUITE = {
    "pytest": ["pytest", "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", f"--ignore={FLOWS}"],
    "flows": ["pytest", FLOWS],
}


def test(options: Options, arguments: list[str]) -> int:
    """Run every check and the whole test suite; further arguments go to pytest, which then runs alone."""
    with services_for(options) as env:
        if arguments:
            return run_all({"pytest": ["pytest", *arguments]}, env)
        reports = {label: options.var / NAME / f"{label}.xml" for label in SUITE}
        for report in reports.values():
            report.unlink(missing_ok=True)
        parts = {label: [*SUITE[label], f"--junitxml={report}"] for label, report in reports.items()}
        code = run_all({**CHECKS, **parts}, env)
        # The output of the second part stands between the end and what the first one said.
        for name in [name for report in reports.values() for name in failed_tests(report)]:
            console.fail(name)
        return code


def check(options: Options, arguments: list[str]) -> int:
    """Run the linters, the type checker and the architecture tests; needs no Elasticsearch."""
    with services_for(replace(options, elasticsearch_url=""), search=False) as env:
        return run_all({**CHECKS, "architecture": ARCHITECTURE}, env)


def flows(options: Options, arguments: list[str]) -> int:
    """Run the browser flows alone."""
    with services_for(options) as env:
        return run_all({"flows": ["pytest", "tests/flows", *arguments]}, env)


def bench(options: Options, arguments: list[str]) -> int:
    """Measure; standard output holds the figures alone, which are kept under $VAR/bench, too."""
    console.console.stderr = True
    if provide_wrk() is None:
        console.warn("没有找到 wrk（Debian：apt install wrk），页面存储的速度没有测到")
    with services_for(options) as env:
        folder = str(options.var / "bench")
        return run_all({"bench": ["python", "-m", "tests.bench", *arguments]}, env | {"BENCH_DIR": folder})


@contextmanager
def services_for(options: Options, *, search: bool = True) -> Iterator[dict[str, str]]:
    """Give the environment for tests with every service running."""
    own = replace(options, var=options.var / NAME)
    checks.check_folder(own.var)
    checks.check_room(own.var, checks.room_needed(own.var))
    missing = [] if not search else missing_programs(options, browser := provide_browser(), provide_nginx())
    if missing and options.ci:
        raise Refusal(f"CI 中不可缺少：{'；'.join(missing)}。")
    with state.lock(options.var, NAME), services.ensure_postgres(own, warn=console.warn) as databases:
        env = environment(own, settings=SETTINGS)
        env |= {"DATABASE_URL": databases.owner, "DATABASE_WEB_URL": databases.web}
        if not search:
            yield env
            return
        with services.ensure_elasticsearch(own, programs=options.var, warn=console.warn) as url:
            if not url and options.ci:
                raise Refusal("CI 中 Elasticsearch 必须能启动，原因见上。")
            yield env | {"ELASTICSEARCH_URL": url, "CHROMIUM": browser or ""}
    for what in missing:
        console.warn(f"没有测到：{what}")


def missing_programs(options: Options, browser: str | None, nginx: str | None) -> list[str]:
    """Return what the machine lacks for the whole suite, each as a Chinese clause."""
    missing = []
    if options.elasticsearch_url is None:
        obstacle = Elasticsearch(options.var, zip_file=options.es_zip).obstacle()
        missing += [f"{obstacle}，与 Elasticsearch 有关的测试跳过"] if obstacle else []
    if browser is None:
        missing.append("没有找到 Chromium（Debian：apt install chromium），浏览器流程跳过")
    if nginx is None:
        missing.append("没有找到 nginx（Debian：apt install nginx-light），它的测试跳过")
    for what in missing:
        console.warn(what)
    return missing


def run_all(commands: dict[str, list[str]], env: dict[str, str]) -> int:
    """Run every command, also after a failed one, and say at the end which failed."""
    failed = []
    for label, command in commands.items():
        began = time.monotonic()
        console.say(f"── {label}")
        if run_tool(command, env) == 0:
            console.done(label, time.monotonic() - began)
        else:
            failed.append(label)
            console.fail(f"{label} 没有通过")
    if failed:
        console.fail(f"没有通过：{'、'.join(failed)}")
    return 1 if failed else 0


def failed_tests(report: Path) -> list[str]:
    """Return the names of the tests that failed by a report of pytest; none where there is no report."""
    if not report.exists():
        return []
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it just now
    broken = (case for case in cases if case.find("failure") is not None or case.find("error") is not None)
    return list(dict.fromkeys(f"{case.get('classname')}::{case.get('name')}" for case in broken))


def run_tool(command: Sequence[str], env: dict[str, str]) -> int:
    """Run a tool of our environment in the repo; return its exit code.

    By module instead of by script: scripts name the folder in which the environment was made, which may have moved.
    """
    name, *arguments = command
    module = {"python": [], "lint-imports": ["-c", LINT_IMPORTS]}.get(name, ["-m", name])
    return subprocess.run([sys.executable, *module, *arguments], cwd=REPO, env=env, check=False).returncode
