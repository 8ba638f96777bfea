"""Find Chromium for the browser flow, or install Debian's for a root user. Called by suite."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from deploy.launcher import console

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_browser(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the browser's path: CHROMIUM= where it is given, else the first on PATH."""
    if environ.get("CHROMIUM"):
        return shutil.which(environ["CHROMIUM"], path=environ.get("PATH"))
    return next((path for name in NAMES if (path := shutil.which(name, path=environ.get("PATH")))), None)


def provide_browser() -> str | None:
    """Return the browser's path, after installing Debian's where that is possible and none is there."""
    found = find_browser()
    if found or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return found
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with console.step("安装 Chromium（apt-get）"):
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], env=env, capture_output=True, check=False)
    return find_browser()
