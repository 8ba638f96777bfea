"""Whether the collected static files are still those of the sources. Called by preparation before it collects them."""

import hashlib
from pathlib import Path

from deploy.launcher.options import REPO

SOURCES = ("cluster", "sites", "search", "templates")


def fingerprint() -> str:
    """Return a hash of the pinned packages and of every static file of the repo: path, size and time of change."""
    digest = hashlib.sha256((REPO / "requirements.txt").read_bytes())
    for source in SOURCES:
        for path in sorted((REPO / source).rglob("static/**/*")):
            about = path.stat()
            digest.update(f"{path.relative_to(REPO)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_fresh(var: Path) -> bool:
    """Return whether the collected files come from the present sources."""
    try:
        return (var / "static" / "staticfiles.json").exists() and (var / "static.stamp").read_text() == fingerprint()
    except OSError:
        return False


def mark_fresh(var: Path) -> None:
    """Note that the files were collected from the present sources."""
    (var / "static.stamp").write_text(fingerprint())
