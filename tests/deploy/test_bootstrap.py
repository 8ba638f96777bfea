"""Finding a Python and making the environment: what bootstrap.py refuses, beside what it accepts."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.launcher import bootstrap
from deploy.launcher.options import REPO


def fake_python(folder: Path, name: str, version: str, *, venv: bool = True, runs: bool = True) -> Path:
    """Put a program into the folder that answers like a Python of this version."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    lines = [
        "#!/bin/sh",
        "" if runs else "exit 127",
        f'case "$*" in *ensurepip*) {"true" if venv else "exit 1"};; esac',
    ]
    program.write_text("\n".join([*lines, f"echo {version}"]) + "\n")
    program.chmod(0o755)
    return program


def test_an_old_python_can_read_the_file() -> None:
    ast.parse((REPO / "deploy/launcher/bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 5))


def test_a_too_old_python_is_refused_with_its_version(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", "3.8")
    with pytest.raises(bootstrap.Refused, match=r"只找到 Python 3\.8，本产品需要 Python 3\.11"):
        bootstrap.find_python({"PATH": str(tmp_path)})


def test_a_newer_python_beside_an_old_one_is_found(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", "3.8")
    newer = fake_python(tmp_path, "python3.12", "3.12")
    assert bootstrap.find_python({"PATH": str(tmp_path)}) == str(newer)


def test_the_newest_tested_release_is_taken(tmp_path: Path) -> None:
    for version in ("3.11", "3.13", "3.14"):
        fake_python(tmp_path, f"python{version}", version)
    assert bootstrap.find_python({"PATH": str(tmp_path)}) == str(tmp_path / "python3.13")


def test_a_release_newer_than_the_tested_ones_is_taken_where_there_is_no_other(tmp_path: Path) -> None:
    newest = fake_python(tmp_path, "python3.14", "3.14")
    assert bootstrap.find_python({"PATH": str(tmp_path)}) == str(newest)


def test_a_shim_that_leads_nowhere_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", "3.13", runs=False)
    works = fake_python(tmp_path, "python3.11", "3.11")
    assert bootstrap.find_python({"PATH": str(tmp_path)}) == str(works)


def test_a_python_without_venv_is_refused_with_the_package_to_install(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", "3.11", venv=False)
    with pytest.raises(bootstrap.Refused, match=r"apt install python3\.11-venv"):
        bootstrap.find_python({"PATH": str(tmp_path)})


def test_no_python_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(bootstrap.Refused, match="没有找到 Python"):
        bootstrap.find_python({"PATH": str(tmp_path)})


def test_the_named_python_is_taken_alone(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", "3.13")
    named = fake_python(tmp_path / "own", "python", "3.11")
    assert bootstrap.find_python({"PATH": str(tmp_path), "PYTHON": str(named)}) == str(named)
    with pytest.raises(bootstrap.Refused, match="PYTHON=/nowhere 无法运行"):
        bootstrap.find_python({"PATH": str(tmp_path), "PYTHON": "/nowhere"})


def test_a_folder_that_is_no_environment_is_not_deleted(tmp_path: Path) -> None:
    treasure = tmp_path / "thesis.txt"
    treasure.write_text("…")
    with pytest.raises(bootstrap.Refused, match="不会删除它"):
        bootstrap.make_venv(str(tmp_path), {"PYTHON": sys.executable, "PATH": ""})
    assert treasure.exists()


def test_a_broken_environment_is_made_anew(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").touch()
    (venv / "bin" / "python").symlink_to("/nowhere/python")
    assert not bootstrap.is_sound(str(venv))
    bootstrap.make_venv(str(venv), {"PYTHON": sys.executable, "PATH": ""})
    assert bootstrap.is_sound(str(venv))


def test_packages_are_installed_only_when_the_lists_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run_pip", lambda command, total: calls.append(command) or 0)
    lists = ["requirements.txt", "requirements-dev.txt"]
    bootstrap.install(str(tmp_path), lists)
    bootstrap.install(str(tmp_path), lists)
    bootstrap.install(str(tmp_path), lists[:1])  # the development list holds the runtime list
    assert len(calls) == 1
    (tmp_path / bootstrap.STAMP).write_text("of an older list")
    bootstrap.install(str(tmp_path), lists[:1])
    assert len(calls) == 2


def test_a_failed_installation_is_not_taken_for_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "run_pip", lambda command, total: 1)
    with pytest.raises(bootstrap.Refused, match="网络和磁盘空间"):
        bootstrap.install(str(tmp_path), ["requirements.txt"])
    assert bootstrap.installed(str(tmp_path)) == set()


def test_requirements_are_pinned_and_without_psycopg_3() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (REPO / name).read_text(encoding="utf-8").splitlines()
        packages = [line for line in lines if line and not line.startswith(("#", "-r"))]
        assert all("==" in line for line in packages)
        assert not [
            line for line in packages if line.split("==")[0].lower() in {"psycopg", "psycopg-binary", "psycopg-c"}
        ]


def run_make(*arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    """Run make with this PATH and nothing else in its environment."""
    make = shutil.which("make")
    assert make
    return subprocess.run([make, *arguments], cwd=REPO, env={"PATH": path}, capture_output=True, text=True, check=False)


def test_make_alone_lists_every_target() -> None:
    said = run_make(path="/usr/bin:/bin").stdout
    for target in ("run", "manage", "test", "check", "bench", "flows", "rebuild-index", "backup", "clean"):
        assert f"make {target} " in said


def test_make_run_with_an_old_python_says_one_sentence(tmp_path: Path) -> None:
    old = fake_python(tmp_path, "python3", "3.8")
    # Runs the bootstrap itself, but reports an old version when asked.
    old.write_text(f'#!/bin/sh\ncase "$*" in *version_info*) echo 3.8;; *) exec {sys.executable} "$@";; esac\n')
    (tmp_path / "sh").symlink_to("/bin/sh")
    done = run_make("run", f"VENV={tmp_path}/venv", path=str(tmp_path))
    assert done.returncode != 0
    assert "只找到 Python 3.8" in done.stderr
    assert "Traceback" not in done.stderr
