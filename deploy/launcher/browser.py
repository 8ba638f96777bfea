"""Find Chromium for the browser flow, or install Debian's for a root user. Called by suite."""

import os
import shutil
from collections.abc import Mapping

from deploy.launcher.debian import provide

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_browser(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the browser's path: CHROMIUM= where it is given, else the first on PATH."""
    if environ.get("CHROMIUM"):
        return shutil.which(environ["CHROMIUM"], path=environ.get("PATH"))
    return next((path for name in NAMES if (path := shutil.which(name, path=environ.get("PATH")))), None)


def provide_browser() -> str | None:
    """Return the browser's path, after installing Debian's where that is possible and none is there."""
    return provide("Chromium", "chromium", find_browser)
