"""`make backup`: one dump per schema, all of the same moment, and the uploaded files, under $VAR/backup/<time>/.

A site can be restored or handed over by itself; `public` holds what the sites share and comes first in a restore.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from rich.progress import track

from deploy.launcher import console, services, state
from deploy.launcher.errors import Refusal
from deploy.launcher.options import Options
from deploy.launcher.postgres import programs_folder

SCHEMAS = """
SELECT nspname FROM pg_namespace
WHERE nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema'
ORDER BY nspname <> 'public', nspname
"""


def backup(options: Options, arguments: list[str]) -> int:
    """Write a backup; a folder without the ending .part is complete."""
    target = options.var / "backup" / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    part = target.with_name(target.name + ".part")
    with database_url(options) as url:
        part.mkdir(parents=True, mode=0o700)
        try:
            dump_schemas(url, part)
            pack_media(options.var / "media", part)
            write_manifest(part)
            part.rename(target)
        except (OSError, psycopg2.Error) as error:
            raise Refusal(f"备份没有完成：{error}；未完成的部分在 {part}。") from error
    console.done(f"备份在 {target}")
    return 0


@contextlib.contextmanager
def database_url(options: Options) -> Iterator[str]:
    """Give the owner's URL: of the running parts, of DATABASE_URL, or of the embedded server started for the while."""
    if options.is_embedded and state.is_locked(options.var):
        yield state.read_run(options.var)["DATABASE_URL"]
        return
    if options.is_embedded and not (options.var / "pg" / "PG_VERSION").exists():
        raise Refusal(f"{options.var} 里还没有数据库；请先运行 make run，或用 DATABASE_URL= 指定要备份的数据库。")
    with services.ensure_postgres(options, warn=console.warn) as databases:
        yield databases.owner


def dump_schemas(url: str, folder: Path) -> None:
    """Dump every schema from one snapshot, so that the sites and the registry agree."""
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = fetch_text(cursor.fetchone())
        cursor.execute(SCHEMAS, [])
        schemas = [str(row[0]) for row in cursor.fetchall()]
        for schema in track(schemas, "备份各站点", console=console.console, transient=True):
            dump(url, snapshot, schema, folder / f"{schema}.dump")


def fetch_text(row: tuple[object, ...] | None) -> str:
    """Return the first value of a row that must be there."""
    if row is None:
        raise Refusal("数据库没有给出快照；请重试。")
    return str(row[0])


def dump(url: str, snapshot: str, schema: str, path: Path) -> None:
    """Write one schema in pg_dump's own compressed format."""
    command = [str(programs_folder() / "pg_dump"), "-Fc", "--no-owner", f"--snapshot={snapshot}", "-f", str(path)]
    # The URL may hold a password, which a command line would show to everybody.
    done = subprocess.run(
        [*command, f'--schema="{schema}"', "-d", without_password(url)],
        capture_output=True,
        text=True,
        env={**os.environ, "PGPASSWORD": password_of(url)},
        check=False,
    )
    if done.returncode != 0:
        raise Refusal(f"{schema} 没有备份成：{done.stderr.strip()}")


def password_of(url: str) -> str:
    """Return the password in a connection URL."""
    return psycopg2.extensions.parse_dsn(url).get("password", "")


def without_password(url: str) -> str:
    """Return the connection's parameters without the password."""
    parameters = psycopg2.extensions.parse_dsn(url)
    parameters.pop("password", None)
    return psycopg2.extensions.make_dsn(**parameters)


def pack_media(media: Path, folder: Path) -> None:
    """Pack the uploaded files."""
    if media.is_dir():
        with console.step("上传的文件"), tarfile.open(folder / "media.tar.gz", "w:gz", compresslevel=1) as package:
            package.add(media, arcname="media")


def write_manifest(folder: Path) -> None:
    """Note the size and sum of every file, so that a restore can tell a damaged one."""
    about = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            about[path.name] = {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(about, indent=1))
