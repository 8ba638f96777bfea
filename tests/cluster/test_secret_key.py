"""The installation's own SECRET_KEY: one for all processes, whoever starts first, whoever was killed before."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.settings import env
from deploy.launcher.options import REPO

MANY = 24
# All wait for the same moment, so that they find the folder empty together.
ASK = """
import sys, time
from pathlib import Path
from cluster.settings import env
folder = Path(sys.argv[1])
(folder / f"here-{sys.argv[2]}").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
print(env.secret_key(folder))
"""


@pytest.fixture(autouse=True)
def no_key_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the caller's SECRET_KEY away."""
    monkeypatch.delenv("SECRET_KEY", raising=False)


def ask_many(folder: Path) -> set[str]:
    """Let many processes ask at the same moment; return the keys that they got."""
    command = [sys.executable, "-c", ASK, str(folder)]
    asking = [
        subprocess.Popen([*command, str(number)], cwd=REPO, stdout=subprocess.PIPE, text=True) for number in range(MANY)
    ]
    while len(list(folder.glob("here-*"))) < MANY:
        assert all(one.poll() is None for one in asking)
    (folder / "go").touch()
    keys = {one.communicate(timeout=60)[0].strip() for one in asking}
    assert [one.returncode for one in asking] == [0] * MANY
    return keys


@pytest.mark.parametrize("left", [None, "", "\n"], ids=["nothing", "empty file", "empty line"])
def test_processes_that_start_together_get_one_key(tmp_path: Path, left: str | None) -> None:
    """Also where a process killed in the middle of its writing has left a file with nothing in it."""
    path = tmp_path / "secret-key"
    if left is not None:
        path.write_text(left)
    keys = ask_many(tmp_path)
    assert len(keys) == 1
    (key,) = keys
    assert len(key) >= 50
    assert path.read_text() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_a_process_killed_while_it_writes_leaves_nothing_that_is_taken_for_a_key(tmp_path: Path) -> None:
    """It dies with half a key written; the next one makes a whole one, and the lock is free."""
    dying = (
        "import os, signal, sys; from pathlib import Path; from cluster.settings import env;"
        "env.os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL); env.secret_key(Path(sys.argv[1]))"
    )
    killed = subprocess.run([sys.executable, "-c", dying, str(tmp_path)], cwd=REPO, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "secret-key").exists()
    key = env.secret_key(tmp_path)
    assert len(key) >= 50
    assert env.secret_key(tmp_path) == key
    assert os.listdir(tmp_path) == ["secret-key"]


def test_two_installations_have_keys_of_their_own_and_a_given_one_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key in the file stays what it was; SECRET_KEY is used where it is given, and kept nowhere."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert env.secret_key(one) != env.secret_key(other)
    kept = env.secret_key(one)
    monkeypatch.setenv("SECRET_KEY", "given")
    assert env.secret_key(one) == "given"
    assert (one / "secret-key").read_text() == kept
