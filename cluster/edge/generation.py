"""Generations of the store: copies of one state of the product's code. A deployment begins a new one.

Called by cluster.edge.store at its start, and by cluster.wsgi and the agent when their code is loaded. The copies of the
generation before stay as a fall-back for when everything else is down; those of older ones are deleted.
"""

import hashlib
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import django
from django.conf import settings

from cluster.edge.locks import held
from cluster.edge.uploads import FOLDER as UPLOADS

CURRENT, PREVIOUS = "current", "previous"
# Says that the store is switched off, to processes that were started before and know nothing of it.
_OFF = "off"
# What shapes the bytes of a page, beside the data: the product's own files, and what `collectstatic` named them; then the
# installed packages, by their versions.
_SHAPING = ("cluster/**/*.py", "sites/**/*.py", "search/**/*.py", "templates/**/*.html", "*/*/static/**/*.*")
_SETTINGS = ("DEMO_CLUSTER", "SITE_SCHEME", "SITE_PORT", "STATIC_URL", "MEDIA_URL", "SECURE_HSTS_SECONDS")
# When the code of this process was loaded; a process that gunicorn forks later has it from the one that loaded.
LOADED_AT = time.time()


@cache
def product_generation() -> str:
    """Return the name of the generation of the code that this process runs.

    Asked first when that code is loaded: later the disk may hold that of the next deployment already.
    """
    digest = hashlib.sha256()
    for path in _shaping_files():
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    digest.update("\n".join((sys.version, *_installed_packages())).encode())
    digest.update("\n".join(f"{name}={getattr(settings, name)}" for name in _SETTINGS).encode())
    return digest.hexdigest()[:16]


def _shaping_files() -> Iterator[Path]:
    for pattern in _SHAPING:
        yield from sorted(path for path in Path(settings.BASE_DIR).glob(pattern) if path.is_file())
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.is_file():
        yield manifest


def _installed_packages() -> list[str]:
    """Return the packages beside Django, whose templates and characters make pages, each with its version."""
    return sorted(path.name for path in Path(django.__file__).parents[1].glob("*.dist-info"))


def linked(root: Path, name: str) -> str | None:
    """Return the generation to which `current` or `previous` leads."""
    with suppress(OSError):
        return (root / name).readlink().name
    return None


def settle(root: Path, generation: str, loaded_at: float) -> list[str]:
    """Make this generation the current one; return the generations whose rows are to be forgotten.

    Not so where the one in use was begun after this code was loaded: the process is of an earlier deployment. A generation
    that comes back, as when a deployment is undone, begins anew: nobody kept its copies true meanwhile.
    """
    root.mkdir(parents=True, exist_ok=True)
    with held(root, "generation"):
        current, previous = linked(root, CURRENT), linked(root, PREVIOUS)
        begun = root / CURRENT if current else root / _OFF
        if current == generation or _is_since(begun, loaded_at):
            return []
        (root / _OFF).unlink(missing_ok=True)
        keep = {generation, current}
        gone = [path.name for path in root.iterdir() if _is_generation(path) and path.name not in keep]
        if previous == generation or (root / generation).exists():
            gone.append(generation)
        for name in gone:
            shutil.rmtree(root / name, ignore_errors=True)
        (root / generation).mkdir(exist_ok=True)
        if current:
            _link(root, PREVIOUS, current)
        _link(root, CURRENT, generation)
        return gone


def _is_since(path: Path, moment: float) -> bool:
    """Tell whether a file or link is there and was made after a moment; a clock that was set back says nothing."""
    with suppress(FileNotFoundError):
        return moment < path.lstat().st_mtime <= time.time()
    return False


def switch_off(root: Path) -> bool:
    """Leave a web server nothing to serve from the store; return whether there was anything.

    The folders stay until the store is switched on again, which begins anew: a large store is not deleted at a start.
    """
    served = [root / name for name in (CURRENT, PREVIOUS, UPLOADS)]
    if not root.is_dir():
        return False
    with held(root, "generation"):
        was_served = any(path.is_symlink() or path.exists() for path in served)
        (root / _OFF).touch()
        for path in served[:2]:
            path.unlink(missing_ok=True)
        if served[2].exists():
            aside = root / ".uploads.old"
            shutil.rmtree(aside, ignore_errors=True)
            served[2].rename(aside)
            shutil.rmtree(aside, ignore_errors=True)
    return was_served


def _is_generation(path: Path) -> bool:
    name = path.name
    return path.is_dir() and not path.is_symlink() and len(name) == 16 and set(name) <= set("0123456789abcdef")


def _link(root: Path, name: str, target: str) -> None:
    draft = root / f".{name}.new"
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(root / name)
