"""The unprivileged account that PostgreSQL and Elasticsearch run under when a root user calls the launcher.

Both refuse to run as root. Called by postgres and elasticsearch; for everybody else it is a no-op.
"""

import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from deploy.launcher.errors import Refusal

NAME = "qunzhan"
ACL = "system.posix_acl_access"
# Tags of a POSIX access list (acl(5)); entries stand in this order.
OWNER, USER, GROUP, NAMED_GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NO_ID = 0xFFFFFFFF


class RunAs(TypedDict, total=False):
    """The keywords of subprocess that drop privileges; empty where there are none to drop."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """Who runs the servers."""

    uid: int
    gid: int
    is_other: bool

    def run_as(self) -> RunAs:
        """Return the keywords for subprocess."""
        return RunAs(user=self.uid, group=self.gid, extra_groups=[]) if self.is_other else RunAs()

    def own(self, folder: Path, mode: int = 0o700) -> None:
        """Make a folder that belongs to this account, and every folder above it passable."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.is_other:
            os.chown(folder, self.uid, self.gid)
            self.open_way(folder)
        folder.chmod(mode)

    def open_way(self, path: Path) -> None:
        """Let this account, and nobody else, pass through the folders above a path (a home folder is often 0700)."""
        if not self.is_other:
            return
        for folder in path.resolve().parents:
            if not self.may_pass(folder.stat()):
                grant_passage(folder, self.uid)

    def may_pass(self, folder: os.stat_result) -> bool:
        """Return whether the plain mode bits let this account through."""
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        bit = stat.S_IXGRP if folder.st_gid == self.gid else stat.S_IXOTH
        return bool(folder.st_mode & bit)

    def open_tree(self, folder: Path) -> None:
        """Make a folder of programs readable for this account, as after an installation under a strict umask."""
        if not self.is_other:
            return
        self.open_way(folder)
        for path in [folder, *folder.rglob("*")]:
            if path.is_symlink():
                continue
            mode = path.stat().st_mode
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode != wanted:
                path.chmod(wanted)


def server_account(owned: Path) -> Account:
    """Return the account for the servers: ourselves, or for root the owner of the folder, else the user `qunzhan`.

    The owner comes first, so that data made by an ordinary user goes on working when root starts it.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    if owned.exists() and (owner := owned.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, is_other=True)
    entry = find_user(NAME) or create_user() or find_user("nobody")
    if entry is None:
        raise Refusal(
            "PostgreSQL 与 Elasticsearch 不能以 root 运行，又无法建立用户 qunzhan；请改用普通用户运行 make run。"
        )
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)


def find_user(name: str) -> pwd.struct_passwd | None:
    """Return the system's user of this name, or None."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def create_user() -> pwd.struct_passwd | None:
    """Create the system user without home and shell; None where the machine has no useradd."""
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        return None
    options = [
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    subprocess.run([program, *options, NAME], check=False, capture_output=True)
    return find_user(NAME)


def grant_passage(folder: Path, uid: int) -> None:
    """Add the right to pass through a folder for one user; for all users where the file system knows no lists."""
    try:
        os.setxattr(folder, ACL, with_passage(read_acl(folder), uid))
    except (OSError, AttributeError):
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)


def read_acl(folder: Path) -> list[tuple[int, int, int]]:
    """Return the folder's access list as (tag, rights, id); made from the mode where it has none."""
    try:
        raw = os.getxattr(folder, ACL)
        return list(struct.iter_unpack("<HHI", raw[4:]))
    except OSError:
        mode = folder.stat().st_mode
        return [(OWNER, mode >> 6 & 7, NO_ID), (GROUP, mode >> 3 & 7, NO_ID), (OTHER, mode & 7, NO_ID)]


def with_passage(entries: list[tuple[int, int, int]], uid: int) -> bytes:
    """Return the access list, packed, with the right x for the user."""
    rights = {(tag, ident): right for tag, right, ident in entries}
    rights[USER, uid] = rights.get((USER, uid), 0) | 1
    # The mask caps named entries and the group; without one the group's own rights are kept as they are.
    rights[MASK, NO_ID] = rights.get((MASK, NO_ID), rights[GROUP, NO_ID]) | 1
    packed = [struct.pack("<HHI", tag, right, ident) for (tag, ident), right in sorted(rights.items())]
    return struct.pack("<I", 2) + b"".join(packed)
