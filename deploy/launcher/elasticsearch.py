"""Our own Elasticsearch: fetched once by Maven into $VAR/es, run on loopback with the newest Java.

Called by services. Its absence is no error: search then runs on PostgreSQL, and the reason is a sentence for the
operator. What a kill left behind (a half-fetched zip, a half-unpacked folder, a running server) is dealt with here.
"""

import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from string import Template

import psutil

from deploy.launcher import processes
from deploy.launcher.account import Account, server_account
from deploy.launcher.errors import Refusal
from deploy.launcher.java import OLDEST, Java, find_java

PART = "elasticsearch"
VERSION = "9.5.0"
# Of the file on Maven Central, which never changes there.
SHA256 = "db0e275fd790f723eca7bcde96069fd6fed304ad23afdb70c8c09553dd9e8b1b"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
# The goal with its version: the one Maven takes by default differs between Maven releases.
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
TEMPLATES = Path(__file__).resolve().parent.parent / "elasticsearch"


class Elasticsearch:
    """One data folder and the server on it; the programs may be shared by several data folders."""

    def __init__(self, var: Path, *, programs: Path | None = None, zip_file: Path | None = None) -> None:
        self.home = var / "es"
        self.store = (programs or var) / "es"
        self.programs = self.store / f"elasticsearch-{VERSION}"
        self.zip_file = zip_file
        self.account: Account = server_account(self.home / "data")
        self.boot: subprocess.Popen[bytes] | None = None
        self.known: psutil.Process | None = None
        self.port = self.recorded_port() or free_port()

    @property
    def url(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self.port}"

    def recorded_port(self) -> int | None:
        """Return the port of the last start if it is still ours to take."""
        port = processes.read_pid(self.home / "port")
        return port if port and (self.process() or is_free(port)) else None

    def process(self) -> psutil.Process | None:
        """Return the living server of this data folder."""
        return next(iter(processes.with_argument(f"-Djava.io.tmpdir={self.home / 'tmp'}")), None)

    def family(self) -> list[psutil.Process]:
        """Return the living server and, while it starts, the launcher that Elasticsearch puts before it."""
        found = processes.strays(PART, self.home.parent)
        found += processes.with_argument(f"-Djava.io.tmpdir={self.home / 'tmp'}")
        return list({process.pid: process for process in found}.values())

    def is_alive(self) -> bool:
        """Return whether the server runs or is still starting."""
        if self.boot is not None and self.boot.poll() is None:
            return True
        if self.known is None or not self.known.is_running():
            self.known = self.process()
        return self.known is not None

    def obstacle(self) -> str:
        """Return why the server cannot run here, as a Chinese clause; empty where it can."""
        if find_java() is None:
            return f"没有找到 Java {OLDEST} 或更新版本"
        if not self.programs.exists() and self.zip_file is None and shutil.which("mvn") is None:
            return "没有找到 Maven（mvn），无法取得 Elasticsearch"
        return ""

    def fetch(self, *, tell: Callable[[str], None] = lambda text: None) -> None:
        """Fetch and unpack the programs unless they are there."""
        if self.programs.exists():
            return
        self.store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=self.store) as name:
            folder = Path(name)
            archive = self.zip_file or self.download(folder, tell)
            tell("解开 Elasticsearch …")
            unpack(archive, folder)
            try:
                (folder / self.programs.name).rename(self.programs)
            except OSError as error:
                raise Refusal(f"{archive} 里没有 {self.programs.name}；请删除它后重试。") from error

    def download(self, folder: Path, tell: Callable[[str], None]) -> Path:
        """Have Maven fetch the zip, and check its sum; Maven itself keeps what it has fetched for the next time."""
        for left in self.store.glob("fetch-*"):
            if left != folder:
                shutil.rmtree(left, ignore_errors=True)
        tell(f"用 Maven 取得 Elasticsearch {VERSION}（约 130 MB）…")
        # -U: without it Maven remembers a failure for a day and does not try again.
        command = [
            "mvn",
            "-B",
            "-q",
            "-U",
            "-Dstyle.color=never",
            GOAL,
            f"-Dartifact={ARTIFACT}",
            f"-DoutputDirectory={folder}",
        ]
        log = folder / "maven.log"
        maven = processes.spawn("fetch", command, var=self.home.parent, env=os.environ, log=log)
        code = maven.wait()
        archive = folder / f"elasticsearch-{VERSION}.zip"
        if code != 0 or not archive.exists():
            raise Refusal(f"Maven 没有取到 Elasticsearch（{maven_reason(log)}）")
        with archive.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
                raise Refusal("Maven 取到的 Elasticsearch 校验和不符；请删除 ~/.m2/repository/org/elasticsearch 后重试")
        return archive

    def start(self) -> bool:
        """Start the server without waiting for it; return False where it was already running and answers."""
        if self.process() and self.wait(patience=30):
            return False
        self.stop()
        java = find_java()
        if java is None:
            raise Refusal(f"没有找到 Java {OLDEST} 或更新版本")
        self.configure(java)
        # Elasticsearch's own launcher (-d) ends once the server answers, which saves its memory.
        with processes.open_log(self.home / "start.log") as output:
            self.boot = subprocess.Popen(
                [self.programs / "bin" / "elasticsearch", "-d"],
                cwd=self.home / "data",
                env=self.environment(java),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account.run_as(),
            )
        return True

    def configure(self, java: Java) -> None:
        """Write the configuration and hand the folders to the servers' account."""
        for name in ("data", "logs", "tmp", "config", "config/jvm.options.d"):
            self.account.own(self.home / name)
        config = self.home / "config"
        shutil.copy(self.programs / "config" / "jvm.options", config)
        shutil.copy(TEMPLATES / "jvm.options", config / "jvm.options.d" / "qunzhan.options")
        shutil.copy(TEMPLATES / "log4j2.properties", config)
        places = {name: json.dumps(str(self.home / name), ensure_ascii=False) for name in ("data", "logs")}
        text = (TEMPLATES / "elasticsearch.yml").read_text(encoding="utf-8")
        (config / "elasticsearch.yml").write_text(Template(text).substitute(places, port=self.port), encoding="utf-8")
        for path in config.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        (self.home / "port").write_text(str(self.port))
        self.account.open_way(java.home / "bin")
        self.account.open_way(self.programs / "bin")

    def environment(self, java: Java) -> dict[str, str]:
        """Return a small environment: JAVA_TOOL_OPTIONS, proxies and the like of the caller stay out."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home / "data"),
            "LANG": "C.UTF-8",
            "ES_JAVA_HOME": str(java.home),
            "ES_PATH_CONF": str(self.home / "config"),
            "ES_TMPDIR": str(self.home / "tmp"),
            processes.MARK: f"{PART}:{self.home.parent}",
        }

    def answers(self) -> bool:
        """Return whether this very server is ready to search and to write."""
        return health(self.port) in ("yellow", "green")

    def wait(self, patience: float = 180) -> bool:
        """Wait until the server answers; return False where it does not in so many seconds, or has given up."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.answers():
                return True
            if self.boot is not None and self.boot.poll() not in (None, 0):
                return False
            time.sleep(0.25)
        return False

    def last_words(self) -> str:
        """Return why the server did not start."""
        return processes.last_lines(self.home / "start.log", 3)

    def stop(self) -> None:
        """Stop the server and whatever of it is still starting."""
        processes.stop(self.family(), patience=30)


def health(port: int) -> str:
    """Return the cluster's status; an empty text where nothing, or something else, answers on the port.

    `GET /` is no probe: the build without REST root module answers it with 405.
    """
    # http.client heeds no http_proxy, unlike urllib.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_cluster/health")
        found = json.loads(connection.getresponse().read())
        return str(found.get("status", "")) if found.get("cluster_name") == "qunzhan" else ""
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def maven_reason(log: Path) -> str:
    """Return Maven's first error, without its advertising of switches."""
    errors = [line for line in processes.last_lines(log, 30).splitlines() if "[ERROR]" in line]
    reason = errors[0].partition("[ERROR]")[2].partition(" -> [Help")[0] if errors else "网络不通"
    return reason.strip()[-300:]


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the zip with rights that any account can read; raises Refusal for a broken one."""
    try:
        with zipfile.ZipFile(archive) as package:
            for entry in package.infolist():
                path = Path(package.extract(entry, folder))
                runs = path.is_dir() or "/bin/" in entry.filename
                path.chmod(0o755 if runs else 0o644)
    except (OSError, zipfile.BadZipFile) as error:
        raise Refusal(f"{archive} 解不开（{error}）；请检查磁盘空间，或删除它后重试。") from error


def is_free(port: int) -> bool:
    """Return whether the port can be had on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
