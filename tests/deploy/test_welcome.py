"""What is shown when everything answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cluster.subsites.models import Subsite
from deploy.launcher import static_files, welcome
from deploy.launcher.console import console as terminal
from deploy.launcher.options import Options
from sites.content.demo.account_file import AccountFile
from sites.content.demo.accounts import make_accounts

ADDRESS = "http://{}.localhost:8000/"


@pytest.fixture
def width(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that makes the terminal so many columns wide."""
    return lambda columns: monkeypatch.setattr(terminal, "_width", columns)


@pytest.fixture
def sites(alpha: Subsite, beta: Subsite, console: Subsite, settings: Any) -> tuple[Subsite, Subsite, Subsite]:
    """Return two sites and the console, on the port that `make run` takes by default."""
    settings.SITE_PORT = 8000
    return alpha, beta, console


def write_accounts(var: Path, count: int) -> None:
    """Write a file of demo accounts, many enough for a province; of few, make_accounts writes the real ones."""
    accounts = [
        {
            "site": f"s{n}",
            "url": f"http://s{n}.localhost:8000/admin/",
            "username": f"u{n}",
            "password": f"p{n}",
            "role": "editor",
        }
        for n in range(count)
    ]
    (var / "demo-accounts.json").write_text(json.dumps(accounts))


@pytest.mark.parametrize("columns", [40, 80, 100, 200])
def test_addresses_and_log_ins_are_whole_in_any_terminal(
    columns: int,
    width: Callable[[int], None],
    sites: tuple[Subsite, Subsite, Subsite],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The rows are those that open_demo writes: the address of a site, and below it its admin."""
    width(columns)
    file = AccountFile(tmp_path / "demo-accounts.json")
    make_accounts(sites, file)
    welcome.show(Options(var=tmp_path), 12)
    words = capsys.readouterr().out.split()
    for site in sites:
        assert words.count(ADDRESS.format(site.code)) == 1
        assert words.count(f"{ADDRESS.format(site.code)}admin/") == 1
    assert not [word for word in words if "admin/admin" in word]
    for account in file.load().values():
        assert words.count(account.username) == 1
        assert words.count(account.password) == 1


def test_the_address_in_the_file_is_where_one_signs_in(sites: tuple[Subsite, Subsite, Subsite], tmp_path: Path) -> None:
    """So that a tool needs to know no path of ours; every account's is its own site's."""
    make_accounts(sites, AccountFile(tmp_path / "demo-accounts.json"))
    accounts = welcome.read_accounts(tmp_path / "demo-accounts.json")
    assert {(one["site"], one["url"]) for one in accounts} == {
        (site.code, f"{ADDRESS.format(site.code)}admin/") for site in sites
    }


def test_a_table_where_there_is_room_and_a_list_where_there_is_none(
    width: Callable[[int], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_accounts(tmp_path, 2)
    lines = {}
    for columns in (200, 60):
        width(columns)
        welcome.show(Options(var=tmp_path), 12)
        lines[columns] = capsys.readouterr().out.splitlines()
    assert any("s1" in line and ADDRESS.format("s1") in line for line in lines[200])
    assert f"  网址 {ADDRESS.format('s1')}" in lines[60]
    assert f"  后台 {ADDRESS.format('s1')}admin/" in lines[60]
    assert "群站已就绪（12 秒）" in lines[200][-1]


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
