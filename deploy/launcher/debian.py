"""Programs that the tests need and Debian has: found, or installed where the caller is root. Called by suite and browser."""

import os
import shutil
import subprocess
from collections.abc import Callable

from deploy.launcher import console

# Debian keeps servers where the PATH of plain users does not lead.
SBIN = "/usr/sbin"


def find_program(name: str, path: str | None = None) -> str | None:
    """Return the program's path."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", "") if path is None else path, SBIN)))


def provide(label: str, package: str, find: Callable[[], str | None]) -> str | None:
    """Return the program's path, after installing Debian's package where that is possible and none is there."""
    found = find()
    if found or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return found
    # RUNLEVEL: a server that is only wanted by tests is not started as a service.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with console.step(f"安装 {label}（apt-get）"):
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", *command], env=env, capture_output=True, check=False)
    return find()


def provide_nginx() -> str | None:
    """Return nginx's path."""
    return provide("nginx", "nginx-light", lambda: find_program("nginx"))


def provide_wrk() -> str | None:
    """Return the path of wrk, which asks as fast as nginx answers; only for measuring."""
    return provide("wrk", "wrk", lambda: find_program("wrk"))
