"""The child process is alone: no Django, no secrets, no network, no programs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.resources.extraction import runner


def run_in_child(code: str) -> subprocess.CompletedProcess[str]:
    """Run a line of code where the child would run it, confined as the child is."""
    package = "cluster.resources.extraction"
    confined = f"from {package}.child import confine\nfrom {package} import Limits\nconfine(Limits())\n"
    return subprocess.run(
        [sys.executable, "-c", confined + code],
        cwd=runner.PROJECT,
        env=runner.ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_child_loads_no_django_and_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start-up stays quick, and a hostile file finds nothing worth stealing."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@localhost/x")
    ran = run_in_child("import sys, os, json\nprint(json.dumps([list(os.environ), 'django' in sys.modules]))")
    names, loaded = json.loads(ran.stdout)
    assert "DATABASE_URL" not in names
    assert not loaded


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
    ],
)
def test_child_cannot_reach_out(code: str) -> None:
    """Network and programs are closed to it."""
    ran = run_in_child(code)
    assert ran.returncode != 0
    assert "PermissionError" in ran.stderr


def test_child_can_still_read_files(tmp_path: Path) -> None:
    """The allowed twin: reading is what it is for."""
    (tmp_path / "a.txt").write_text("words")
    assert run_in_child(f"print(open({str(tmp_path / 'a.txt')!r}).read())").stdout.strip() == "words"
