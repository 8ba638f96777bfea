"""Locks between the processes of one server, by files that the kernel frees when their holder dies.

Called by the middleware (one renderer for each page) and by cluster.edge.generation.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

# The lock files of pages: their number is bounded, and two pages that share one merely wait for each other. Which ones do is
# the store's secret: otherwise whoever asks for the right addresses without end would hold the lock of a home page.
_PAGE_LOCKS = 4096
_KEY, _KEY_BYTES = "key", 32
_GLANCE_SECONDS = 0.02


def page_lock(root: Path, host: str, path: str, query: str, variant: str) -> str:
    """Return the name of the lock of a page in the store of this folder."""
    told = f"{host}{path}?{query}#{variant}".encode()
    digest = blake2b(told, digest_size=8, key=_key(root)).digest()
    return f"page-{int.from_bytes(digest) % _PAGE_LOCKS}"


def _key(root: Path) -> bytes:
    """Return the secret of the store; the first process that asks makes it, and all others read that one."""
    place = _folder(root) / _KEY
    with suppress(FileNotFoundError):
        return place.read_bytes()
    draft = place.with_name(f"{_KEY}-{secrets.token_hex(8)}")
    try:
        draft.touch(0o640)
        draft.write_bytes(secrets.token_bytes(_KEY_BYTES))
        with suppress(FileExistsError):
            os.link(draft, place)
    finally:
        draft.unlink(missing_ok=True)
    return place.read_bytes()


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
    return os.open(_folder(root) / name, os.O_RDWR | os.O_CREAT, 0o640)


def _folder(root: Path) -> Path:
    folder = root / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
