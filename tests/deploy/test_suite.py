"""What `make test` makes of a machine that lacks something, and of a check that fails."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

from deploy.launcher import debian, suite
from deploy.launcher.browser import find_browser
from deploy.launcher.elasticsearch import Elasticsearch
from deploy.launcher.errors import Refusal
from deploy.launcher.options import Options


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a machine without Java, without Chromium and without nginx."""
    for provide in ("provide_browser", "provide_nginx"):
        monkeypatch.setattr(suite, provide, lambda: None)
    monkeypatch.setattr(Elasticsearch, "obstacle", lambda self: "没有找到 Java 21 或更新版本")


@pytest.mark.usefixtures("bare")
def test_what_is_missing_fails_in_ci_and_is_said_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refusal, match=r"CI 中不可缺少：没有找到 Java.*Chromium.*nginx"):
        suite.test(Options(var=tmp_path, ci=True), [])
    capsys.readouterr()
    assert len(suite.missing_programs(Options(var=tmp_path), None, None)) == 3
    said = capsys.readouterr().out
    assert "Java" in said
    assert "Chromium" in said
    assert "nginx" in said


def test_a_complete_machine_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Elasticsearch, "obstacle", lambda self: "")
    assert suite.missing_programs(Options(var=tmp_path), "/usr/bin/chromium", "/usr/sbin/nginx") == []


def test_every_check_runs_and_one_failure_fails_all(tmp_path: Path) -> None:
    good, bad = ["python", "-c", ""], ["python", "-c", "raise SystemExit(3)"]
    mark = tmp_path / "ran"
    after = ["python", "-c", f"open({str(mark)!r}, 'w')"]
    assert suite.run_all({"good": good}, {}) == 0
    assert suite.run_all({"bad": bad, "after": after}, {}) == 1
    assert mark.exists()


FAILING = """
import pytest

@pytest.fixture
def broken():
    raise RuntimeError

@pytest.mark.parametrize("word", ["good", "bad"])
def test_one(word):
    assert word == "good"

def test_two(broken): ...
"""


def test_the_whole_suite_runs_in_two_parts_and_names_what_failed_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Both parts run, whatever the first one says; none is missed by both, and what is asked for runs alone."""
    assert f"--ignore={suite.SUITE['flows'][-1]}" in suite.SUITE["pytest"]
    monkeypatch.setattr(suite, "services_for", lambda options: contextlib.nullcontext(dict(os.environ)))
    monkeypatch.setattr(suite, "CHECKS", {})
    (tmp_path / suite.NAME).mkdir()
    good, bad = tmp_path / "test_good.py", tmp_path / "test_bad.py"
    good.write_text("def test_well(): ...")
    bad.write_text(FAILING)
    alone = ["pytest", "--noconftest", "-c", os.devnull, "--rootdir", str(tmp_path)]
    monkeypatch.setattr(suite, "SUITE", {"pytest": [*alone, str(bad)], "flows": [*alone, str(good)]})
    assert suite.test(Options(var=tmp_path), []) == 1
    said = capfd.readouterr().out
    assert "没有通过：pytest\n" in said
    named = said.split("没有通过：pytest\n")[1].splitlines()
    assert sorted(named) == ["✗ test_bad::test_one[bad]", "✗ test_bad::test_two"]
    bad.unlink()
    monkeypatch.setattr(suite, "SUITE", {"pytest": [*alone, str(good)], "flows": [*alone, str(good)]})
    assert suite.test(Options(var=tmp_path), []) == 0
    assert "✗" not in capfd.readouterr().out
    assert suite.test(Options(var=tmp_path), [*alone[1:], "-k", "nothing", str(good)]) == 1
    assert "没有通过：pytest\n" in capfd.readouterr().out


def test_the_tools_are_those_of_the_environment() -> None:
    assert suite.run_tool(["python", "-c", f"import sys; sys.exit(sys.executable != {sys.executable!r})"], {}) == 0


def test_every_check_says_what_it_has_checked(capfd: pytest.CaptureFixture[str]) -> None:
    """A tool that is called wrongly may end well without having looked at anything."""
    signs = {"djhtml": "templates", "import-linter": "Contracts"}
    for label, sign in signs.items():
        suite.run_tool(suite.CHECKS[label], dict(os.environ))
        said = capfd.readouterr()
        assert sign in said.out + said.err, label


def test_the_browser_is_the_named_one_or_the_first_on_path(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_browser({"PATH": str(tmp_path)}) == str(program)
    assert find_browser({"PATH": "", "CHROMIUM": str(program)}) == str(program)
    assert find_browser({"PATH": str(tmp_path), "CHROMIUM": "/nowhere"}) is None
    assert find_browser({"PATH": ""}) is None


def test_a_program_is_installed_only_by_root_and_only_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(debian.subprocess, "run", lambda command, **_: asked.append(command))
    monkeypatch.setattr(debian.shutil, "which", lambda *_, **__: "/usr/bin/apt-get")
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    assert debian.provide("nginx", "nginx-light", lambda: None) is None
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)
    assert debian.provide("nginx", "nginx-light", lambda: "/usr/sbin/nginx") == "/usr/sbin/nginx"
    assert asked == []
    assert debian.provide("nginx", "nginx-light", lambda: None) is None
    assert asked[-1][-1] == "nginx-light"
