"""Read the environment: the only module that touches os.environ.

Called by the settings modules; README lists every variable with its default.
"""

import fcntl
import os
import secrets
import socket
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

REPO_DIR = Path(__file__).resolve().parent.parent.parent


def text(name: str, default: str = "") -> str:
    """Return the variable's text, or the default where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """Return whether the variable says yes (1, true, yes, on)."""
    value = text(name)
    return value.lower() in {"1", "true", "yes", "on"} if value else default


def number(name: str, default: int) -> int:
    """Return the variable as a whole number, or the default."""
    value = text(name)
    return int(value) if value else default


def items(name: str) -> list[str]:
    """Return the comma-separated parts of the variable."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def var_dir() -> Path:
    """Return the data folder (VAR), made if it is missing."""
    folder = Path(text("VAR", str(REPO_DIR / "var"))).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folder(name: str, default: Path) -> Path:
    """Return the variable as a folder, which need not be there yet."""
    return Path(text(name, str(default))).expanduser().resolve()


def machine_name() -> str:
    """Return what this machine calls itself."""
    return socket.gethostname()


def secret_key(folder: Path) -> str:
    """Return SECRET_KEY, or the installation's own random key kept in the data folder (mode 0600)."""
    path = folder / "secret-key"
    return text("SECRET_KEY") or _read_key(path) or _make_key(path)


def _read_key(path: Path) -> str:
    """Return the key in the file; none where there is no file, or the empty one that a killed process left."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def _make_key(path: Path) -> str:
    """Put a key in place whole, unless another of several processes that start together has been first; return it."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # The kernel takes the lock back when its holder is killed. The name alone would not do: two processes that find
        # an empty file would each replace it, and one would go on with a key that the other has overwritten.
        fcntl.flock(folder, fcntl.LOCK_EX)
        if key := _read_key(path):
            return key
        key = secrets.token_urlsafe(50)
        draft = path.with_name(f".{path.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return key
    finally:
        os.close(folder)


def database(url: str) -> dict[str, Any]:
    """Turn postgresql://user:password@host:port/name?host=/socket into Django's database settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL 应形如 postgresql://用户:密码@主机:端口/库名")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "cluster.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "qunzhan",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "") or ""),
        "OPTIONS": query,
    }
