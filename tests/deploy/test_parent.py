"""Following make: an interrupt that reaches make alone, and the death of make, end the launcher."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.launcher.options import REPO

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc and prctl")

CHILD = (
    "import pathlib, signal, sys, time\n"
    "from deploy.launcher.parent import follow_parent\n"
    "def note(number, frame):\n"
    "    pathlib.Path(sys.argv[1]).write_text(str(number)); sys.exit()\n"
    "signal.signal(signal.SIGINT, note); signal.signal(signal.SIGTERM, note)\n"
    "follow_parent(); print('ready', flush=True)\n"
    # In short naps, as the launcher waits: a signal that the kernel gives to another thread does not end a long one.
    "for _ in range(300): time.sleep(0.1)"
)


def hear_interrupts() -> None:
    """Undo what a shell does to programs in its background, for whoever runs these tests there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def make_with_child(folder: Path) -> subprocess.Popen[str]:
    """Return a make whose recipe is a follower that has started."""
    (folder / "child.py").write_text(CHILD)
    (folder / "Makefile").write_text(f"run:\n\t@{sys.executable} {folder}/child.py {folder}/got\n")
    command = ["make", "-f", str(folder / "Makefile")]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPO)}
    make = subprocess.Popen(
        command,
        cwd=REPO,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=hear_interrupts,
    )
    assert make.stdout is not None
    assert make.stdout.readline() == "ready\n"
    return make


@pytest.mark.parametrize(
    ("sent", "got"),
    [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGTERM), (signal.SIGKILL, signal.SIGTERM)],
)
def test_what_make_gets_the_launcher_gets(tmp_path: Path, sent: signal.Signals, got: signal.Signals) -> None:
    make = make_with_child(tmp_path)
    make.send_signal(sent)
    # Its output closes when the follower has ended, too.
    make.communicate(timeout=25)
    assert (tmp_path / "got").read_text() == str(int(got))
