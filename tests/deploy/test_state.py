"""The lock on a data folder and the record of what runs on it."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.launcher import state, tidy
from deploy.launcher.errors import Refusal
from deploy.launcher.options import REPO

HOLD = (
    "import sys, time; from pathlib import Path; from deploy.launcher import state\n"
    "with state.lock(Path(sys.argv[1])) as held:\n"
    "    held.note(sys.argv[2]); print('held', flush=True); time.sleep(float(sys.argv[3]))"
)


def hold(var: Path, note: str, seconds: float) -> subprocess.Popen[str]:
    """Return a process that holds the lock for so long."""
    command = [sys.executable, "-c", HOLD, str(var), note, str(seconds)]
    holder = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.stdout.close()
    return holder


def test_a_second_run_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    holder = hold(tmp_path, "running", 60)
    with pytest.raises(Refusal, match=rf"已有一个 make run 在运行（进程 {holder.pid}）"), state.lock(tmp_path):
        pass
    holder.kill()
    holder.wait()
    with state.lock(tmp_path):
        assert state.is_locked(tmp_path)
    assert not state.is_locked(tmp_path)


def test_one_that_is_stopping_is_waited_for(tmp_path: Path) -> None:
    holder = hold(tmp_path, state.STOPPING, 0.6)
    with state.lock(tmp_path):
        assert holder.wait(5) == 0


def test_make_stop_asks_the_holder_to_end_and_is_content_with_none(tmp_path: Path) -> None:
    holder = hold(tmp_path, "running", 60)
    assert state.holder_pid(tmp_path) == holder.pid
    tidy.stop_launcher(tmp_path)
    assert holder.wait(5) == -signal.SIGTERM
    assert state.holder_pid(tmp_path) is None
    tidy.stop_launcher(tmp_path)


def test_other_locks_of_the_folder_are_free(tmp_path: Path) -> None:
    with state.lock(tmp_path), state.lock(tmp_path, "test"):
        assert state.is_locked(tmp_path, "test")


def test_the_record_is_private_and_read_only_while_something_runs(tmp_path: Path) -> None:
    with state.lock(tmp_path):
        state.write_run(tmp_path, {"DATABASE_URL": "postgresql://秘密@/x"})
        assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600
        assert state.read_run(tmp_path) == {"DATABASE_URL": "postgresql://秘密@/x"}
    with pytest.raises(Refusal, match="没有正在运行的群站"):
        state.read_run(tmp_path)


def test_nothing_is_read_where_nothing_ever_ran(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="没有正在运行的群站"):
        state.read_run(tmp_path / "never")
