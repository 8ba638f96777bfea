"""Fetching and unpacking Elasticsearch, and what is said where it cannot run; no server is started here."""

import hashlib
import http.server
import json
import threading
import zipfile
from pathlib import Path

import pytest

from deploy.launcher import elasticsearch
from deploy.launcher.elasticsearch import VERSION, Elasticsearch
from deploy.launcher.errors import Refusal
from deploy.launcher.search_engine import SearchStart
from deploy.launcher.services import without


def pack(path: Path, name: str = f"elasticsearch-{VERSION}") -> Path:
    """Make a zip like the one that Maven brings."""
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(f"{name}/bin/elasticsearch", "#!/bin/sh\n")
        package.writestr(f"{name}/config/jvm.options", "")
    return path


def test_a_zip_is_unpacked_once_with_rights_for_every_account(tmp_path: Path) -> None:
    server = Elasticsearch(tmp_path, zip_file=pack(tmp_path / "es.zip"))
    server.fetch()
    assert (server.programs / "bin" / "elasticsearch").stat().st_mode & 0o777 == 0o755
    assert (server.programs / "config" / "jvm.options").stat().st_mode & 0o777 == 0o644
    (tmp_path / "es.zip").unlink()
    server.fetch()


def test_a_half_fetched_zip_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    whole = pack(tmp_path / "es.zip").read_bytes()
    (tmp_path / "es.zip").write_bytes(whole[: len(whole) // 2])
    server = Elasticsearch(tmp_path, zip_file=tmp_path / "es.zip")
    with pytest.raises(Refusal, match="解不开"):
        server.fetch()
    assert list(server.store.iterdir()) == []
    pack(tmp_path / "es.zip")
    server.fetch()
    assert server.programs.is_dir()


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    server = Elasticsearch(tmp_path, zip_file=pack(tmp_path / "es.zip", "opensearch-3"))
    with pytest.raises(Refusal, match=f"里没有 elasticsearch-{VERSION}"):
        server.fetch()


def test_what_is_missing_is_said_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch, "find_java", lambda: None)
    reason = Elasticsearch(tmp_path).obstacle()
    assert without(reason).startswith("没有找到 Java 21 或更新版本，搜索改用 PostgreSQL 引擎。")
    assert "ELASTICSEARCH_URL=" in without(reason)


def test_maven_is_needed_only_to_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch, "find_java", lambda: object())
    monkeypatch.setattr(elasticsearch.shutil, "which", lambda name: None)
    assert "没有找到 Maven" in Elasticsearch(tmp_path).obstacle()
    assert Elasticsearch(tmp_path, zip_file=tmp_path / "es.zip").obstacle() == ""
    Elasticsearch(tmp_path).programs.mkdir(parents=True)
    assert Elasticsearch(tmp_path).obstacle() == ""


def test_a_failed_fetch_leaves_the_postgresql_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch, "find_java", lambda: object())
    (tmp_path / "es.zip").write_text("no zip")
    search = SearchStart(Elasticsearch(tmp_path, zip_file=tmp_path / "es.zip"))
    search.begin()
    assert search.address() == ""
    assert "解不开" in search.reason
    search.stop()


def test_the_configuration_names_its_folders_and_stays_on_loopback(tmp_path: Path) -> None:
    var = tmp_path / "数 据"
    server = Elasticsearch(var, zip_file=pack(tmp_path / "es.zip"))
    server.fetch()
    server.configure(elasticsearch.Java(tmp_path, 25))
    text = (server.home / "config" / "elasticsearch.yml").read_text(encoding="utf-8")
    assert f'path.data: "{server.home}/data"' in text
    assert "network.host: 127.0.0.1" in text
    assert Elasticsearch(var).port == server.port


@pytest.mark.parametrize(
    ("answer", "status"), [({"cluster_name": "qunzhan", "status": "green"}, "green"), ({"cluster_name": "other"}, "")]
)
def test_only_our_own_cluster_counts(answer: dict[str, str], status: str) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/_cluster/health" else 405)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        assert elasticsearch.health(server.server_port) == status
        server.shutdown()
        thread.join()
    assert elasticsearch.health(server.server_port) == ""


def test_a_file_that_is_not_the_one_of_maven_central_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven = tmp_path / "bin" / "mvn"
    maven.parent.mkdir()
    maven.write_text(
        f'#!/bin/sh\nfor last; do :; done; echo zip > "${{last#-DoutputDirectory=}}/elasticsearch-{VERSION}.zip"\n'
    )
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(maven.parent), prepend=":")
    server = Elasticsearch(tmp_path)
    with pytest.raises(Refusal, match="校验和不符"):
        server.fetch()
    monkeypatch.setattr(elasticsearch, "SHA256", hashlib.sha256(b"zip\n").hexdigest())
    with pytest.raises(Refusal, match="解不开"):
        server.fetch()


def test_mavens_first_error_is_the_reason(tmp_path: Path) -> None:
    log = tmp_path / "maven.log"
    log.write_text("[ERROR] Could not transfer: Unknown host -> [Help 1]\n[ERROR] Re-run Maven using the -X switch\n")
    assert elasticsearch.maven_reason(log) == "Could not transfer: Unknown host"
    log.write_text("")
    assert elasticsearch.maven_reason(log) == "网络不通"
