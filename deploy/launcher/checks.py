"""What must be so before anything starts: a writable data folder, room on the disk, a free port.

Called by run and suite; each refusal is one Chinese sentence with its cure.
"""

import errno
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.launcher.errors import Refusal

MEGABYTE = 1024 * 1024
# Measured: an empty demo cluster takes 0.5 GB of PostgreSQL, 0.3 GB of Elasticsearch and its own data.
ROOM_FIRST_MB = 2_500
ROOM_AGAIN_MB = 500


def check_folder(folder: Path, purpose: str = "数据文件夹 VAR") -> None:
    """Make the folder and write a file into it; raises Refusal where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0" * 4096)
            file.flush()
    except OSError as error:
        raise Refusal(folder_sentence(folder, purpose, error)) from error


def folder_sentence(folder: Path, purpose: str, error: OSError) -> str:
    """Say what hinders writing, by the cause the system gave."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{purpose} {folder} 所在的磁盘已满；请清出空间，或用 VAR=/另一处 指定别的文件夹。"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"没有写入{purpose} {folder} 的权限；请改变其属主，或用 VAR=/另一处 指定别的文件夹。"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{purpose} {folder} 不是文件夹；请用 VAR=/另一处 指定别的文件夹。"
    return f"无法写入{purpose} {folder}：{error.strerror}。"


def check_room(folder: Path, megabytes: int, statvfs: Callable[[Path], os.statvfs_result] = os.statvfs) -> None:
    """Refuse to start on a disk with less room than this."""
    disk = statvfs(folder)
    free = disk.f_bavail * disk.f_frsize // MEGABYTE
    if free < megabytes:
        raise Refusal(
            f"磁盘空间不足：{folder} 所在的磁盘只剩 {free} MB，至少需要 {megabytes} MB；"
            "请清出空间，或用 VAR=/另一处 指定别的磁盘。"
        )


def room_needed(var: Path) -> int:
    """Return the megabytes that a start needs: much at first, little once everything is there."""
    return ROOM_AGAIN_MB if (var / "pg" / "PG_VERSION").exists() else ROOM_FIRST_MB


def check_port(host: str, port: int) -> None:
    """Refuse to start where another program has the port, or where the system forbids it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Like gunicorn: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(port_sentence(host, port, error)) from error


def port_sentence(host: str, port: int, error: OSError) -> str:
    """Say why the port cannot be had, and how to choose another."""
    other = f"请另选端口，例如 make run PORT={port + 80 if port < 60_000 else 8080}"
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被别的程序占用；{other}。"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"没有使用端口 {port} 的权限（1024 以下需要管理员）；{other}。"
    return f"无法监听 {host}:{port}（{error.strerror}）；请检查 HOST= 是否为本机地址。"
