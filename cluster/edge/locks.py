"""Locks between the processes of one server, by files that the kernel frees when their holder dies.

Called by the middleware (one renderer for each page) and by cluster.edge.generation.
"""

import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The lock files of pages: their number is bounded, and two pages that share one merely wait for each other.
_PAGE_LOCKS = 4096
_GLANCE_SECONDS = 0.02


def page_lock(host: str, path: str, query: str, variant: str) -> str:
    """Return the name of the lock of a page."""
    return f"page-{zlib.crc32(f'{host}{path}?{query}#{variant}'.encode()) % _PAGE_LOCKS}"


@contextmanager
def held(root: Path, name: str) -> Iterator[None]:
    """Hold a lock for the block, however long another holds it."""
    handle = _open(root, name)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def held_or_waited(root: Path, name: str, seconds: float) -> Iterator[bool]:
    """Hold a lock for the block and yield True; where another holds it, wait for that one's end and yield False."""
    handle = _open(root, name)
    try:
        until, is_first = time.monotonic() + seconds, True
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                is_first = False
                if time.monotonic() >= until:
                    break
                time.sleep(_GLANCE_SECONDS)
        if not is_first:
            # Those who waited are let go together: what they waited for is there, or will not come.
            fcntl.flock(handle, fcntl.LOCK_UN)
        yield is_first
    finally:
        os.close(handle)


def _open(root: Path, name: str) -> int:
    folder = root / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o640)
