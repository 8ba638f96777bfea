"""What is shown when everything answers."""

import json
from pathlib import Path

import pytest

from deploy.launcher import static_files, welcome
from deploy.launcher.options import Options


def write_accounts(var: Path, count: int) -> None:
    """Write a file of demo accounts."""
    accounts = [
        {
            "site": f"s{n}",
            "url": f"http://s{n}.localhost:8000/",
            "username": f"u{n}",
            "password": f"p{n}",
            "role": "editor",
        }
        for n in range(count)
    ]
    (var / "demo-accounts.json").write_text(json.dumps(accounts))


def test_addresses_and_log_ins_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_accounts(tmp_path, 2)
    welcome.show(Options(var=tmp_path), 12)
    said = capsys.readouterr().out
    for part in ("http://s1.localhost:8000/", "u1", "p1", "群站已就绪（12 秒）"):
        assert part in said


def test_of_very_many_accounts_the_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_accounts(tmp_path, 791)
    welcome.show(Options(var=tmp_path), 1)
    said = capsys.readouterr().out
    assert "共 791 个账号" in said
    assert "p500" not in said


def test_without_demo_no_log_in_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_accounts(tmp_path, 2)
    welcome.show(Options(var=tmp_path, demo=False, port=8080), 1)
    said = capsys.readouterr().out
    assert "http://console.localhost:8080/admin/" in said
    assert "p1" not in said


def test_a_broken_file_shows_no_log_ins(tmp_path: Path) -> None:
    assert welcome.read_accounts(tmp_path / "none") == []
    (tmp_path / "broken").write_text("{")
    assert welcome.read_accounts(tmp_path / "broken") == []


def test_static_files_are_collected_again_when_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_files, "REPO", tmp_path)
    (tmp_path / "requirements.txt").touch()
    style = tmp_path / "sites" / "common" / "static" / "css" / "base.css"
    style.parent.mkdir(parents=True)
    style.write_text("a {}")
    assert not static_files.is_fresh(tmp_path)
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").touch()
    static_files.mark_fresh(tmp_path)
    assert static_files.is_fresh(tmp_path)
    style.write_text("b { color: red }")
    assert not static_files.is_fresh(tmp_path)
