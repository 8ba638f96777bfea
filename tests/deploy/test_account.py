"""The servers' account: a way through closed folders for it alone."""

import os
import struct
import subprocess
from pathlib import Path

import pytest

from deploy.launcher import account
from deploy.launcher.account import GROUP, MASK, NO_ID, OTHER, OWNER, USER

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


def test_passage_is_added_for_one_user_and_leaves_the_other_rights() -> None:
    packed = account.with_passage([(OWNER, 7, NO_ID), (GROUP, 5, NO_ID), (OTHER, 0, NO_ID)], 999)
    assert struct.unpack("<I", packed[:4]) == (2,)
    entries = list(struct.iter_unpack("<HHI", packed[4:]))
    assert entries == [(OWNER, 7, NO_ID), (USER, 1, 999), (GROUP, 5, NO_ID), (MASK, 5, NO_ID), (OTHER, 0, NO_ID)]


@as_root
def test_the_account_comes_through_a_closed_folder_and_another_does_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "clone").mkdir(parents=True)
    (home / "clone" / "file").write_text("x")
    home.chmod(0o700)
    server = account.Account(4242, 4242, is_other=True)
    stranger = account.Account(4343, 4343, is_other=True)
    assert not can_read(server, home / "clone" / "file")
    server.open_way(home / "clone" / "file")
    assert can_read(server, home / "clone" / "file")
    assert not can_read(stranger, home / "clone" / "file")
    assert subprocess.run(["ls", home], capture_output=True, check=False, **server.run_as()).returncode != 0


@as_root
def test_the_owner_of_existing_data_goes_on_owning_it(tmp_path: Path) -> None:
    os.chown(tmp_path, 4242, 4242)
    found = account.server_account(tmp_path)
    assert (found.uid, found.gid) == (4242, 4242)
    assert account.server_account(tmp_path / "new").uid != 0


@as_root
def test_programs_installed_under_a_strict_umask_become_readable(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "tool"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o700)
    program.parent.chmod(0o700)
    server = account.Account(4242, 4242, is_other=True)
    server.open_tree(program.parent)
    assert subprocess.run([program], check=False, **server.run_as()).returncode == 0


def test_an_ordinary_user_is_its_own_account(closed_folder: Path) -> None:
    found = account.server_account(closed_folder)
    assert found.uid == os.geteuid()
    assert found.run_as() == {}


def can_read(who: account.Account, path: Path) -> bool:
    """Return whether the account can read the file."""
    return subprocess.run(["cat", path], capture_output=True, check=False, **who.run_as()).returncode == 0
