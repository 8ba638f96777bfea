"""The embedded server: made, killed, repaired."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from deploy.launcher import backup, postgres
from deploy.launcher.errors import Refusal
from deploy.launcher.options import Options
from deploy.launcher.postgres import OWNER, WEB, EmbeddedPostgres


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a data folder; its server is stopped at the end."""
    folder = tmp_path_factory.mktemp("数据 var")
    yield folder
    EmbeddedPostgres(folder).stop()


def ask(url: str, sql: str) -> object:
    """Return the first value that the server answers."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
        return row and row[0]


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "half").touch()
    (tmp_path / "pg.new-killed").mkdir()
    server = EmbeddedPostgres(tmp_path)
    server.initialise()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pg"]
    assert (tmp_path / "pg" / "PG_VERSION").exists()
    assert not (tmp_path / "pg" / "half").exists()


def test_a_whole_data_folder_is_kept(var: Path) -> None:
    server = EmbeddedPostgres(var)
    server.start()
    with closing(psycopg2.connect(server.url(OWNER))) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int)")
    assert not server.start()
    server.stop()
    assert server.start()
    assert ask(server.url(OWNER), "SELECT count(*) FROM kept") == 0


def test_the_settings_are_those_the_design_asks_for(var: Path) -> None:
    server = EmbeddedPostgres(var)
    server.start()
    assert ask(server.url(OWNER), "SHOW fsync") == "on"
    assert ask(server.url(OWNER), "SHOW max_locks_per_transaction") == "1024"
    assert ask(server.url(OWNER), "SHOW listen_addresses") == ""
    assert server.sockets.stat().st_mode & 0o077 == 0


def test_a_strict_umask_of_the_caller_does_not_hide_the_settings(tmp_path: Path) -> None:
    before = os.umask(0o077)
    server = EmbeddedPostgres(tmp_path)
    try:
        server.start()
        assert ask(server.url(OWNER), "SHOW max_locks_per_transaction") == "1024"
    finally:
        os.umask(before)
        server.stop()


def test_the_owner_makes_databases_and_the_web_role_nothing(var: Path) -> None:
    server = EmbeddedPostgres(var)
    server.start()
    assert ask(server.url(WEB), "SELECT current_user") == WEB
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(server.url(WEB), "CREATE TABLE mine (id int)")
    rights = "SELECT rolcreatedb AND NOT rolsuper FROM pg_roles WHERE rolname = current_user"
    assert ask(server.url(OWNER), rights) is True


def test_a_killed_server_starts_again_with_what_was_committed(var: Path) -> None:
    server = EmbeddedPostgres(var)
    server.start()
    with closing(psycopg2.connect(server.url(OWNER))) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE committed AS SELECT 7 AS id")
    process = server.process()
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert server.start()
    assert ask(server.url(OWNER), "SELECT id FROM committed") == 7


def test_a_stale_pid_file_that_names_a_foreign_process_is_no_server(var: Path) -> None:
    server = EmbeddedPostgres(var)
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    assert server.start()
    assert server.answers()


def test_data_of_another_major_version_is_refused_and_ours_is_not(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("16\n")
    with pytest.raises(Refusal, match="PostgreSQL 16 的数据"):
        postgres.check_major(tmp_path)
    (tmp_path / "PG_VERSION").write_text(f"{postgres.MAJOR}\n")
    postgres.check_major(tmp_path)


def test_a_socket_lies_in_var_unless_its_path_is_too_long_or_has_a_comma(tmp_path: Path) -> None:
    assert postgres.socket_folder(Path("/data")) == Path("/data/sock")
    for awkward in (Path("/data") / ("a" * 100), Path("/data,old")):
        folder = postgres.socket_folder(awkward)
        assert not folder.is_relative_to(awkward)
        assert len(os.fsencode(folder)) <= postgres.SOCKET_FOLDER_BYTES


def test_a_socket_folder_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    postgres.own_socket_folder(server.account, tmp_path / "ours")
    (tmp_path / "theirs").symlink_to(tmp_path)
    with pytest.raises(Refusal, match="属于别的用户"):
        postgres.own_socket_folder(server.account, tmp_path / "theirs")


def test_a_backup_has_one_dump_for_each_schema(var: Path) -> None:
    server = EmbeddedPostgres(var)
    server.start()
    with closing(psycopg2.connect(server.url(OWNER))) as connection, connection, connection.cursor() as cursor:
        cursor.execute('CREATE SCHEMA IF NOT EXISTS "site_harbin"')
    (var / "media").mkdir(exist_ok=True)
    (var / "media" / "photo.jpg").write_bytes(b"x")
    assert backup.backup(Options(var=var), []) == 0
    (folder,) = (var / "backup").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest) == {"public.dump", "site_harbin.dump", "media.tar.gz"}
    assert all(entry["bytes"] > 0 for entry in manifest.values())


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="还没有数据库"):
        backup.backup(Options(var=tmp_path), [])
