"""What must be so before a start: each refusal beside the case that passes."""

import errno
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.launcher import checks
from deploy.launcher.errors import Refusal


def test_a_port_in_use_is_refused_and_a_free_one_is_not() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refusal, match=rf"端口 {port} 已被别的程序占用；请另选端口，例如 make run PORT="):
            checks.check_port("127.0.0.1", port)
    checks.check_port("127.0.0.1", port)


def test_a_forbidden_port_and_a_foreign_address_are_refused() -> None:
    assert "权限" in checks.port_sentence("127.0.0.1", 80, OSError(errno.EACCES, "denied"))
    with pytest.raises(Refusal, match="HOST= 是否为本机地址"):
        checks.check_port("203.0.113.1", 8000)


def test_a_full_disk_is_refused_and_one_with_room_is_not(tmp_path: Path) -> None:
    def disk(free_mb: int) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=free_mb, f_frsize=checks.MEGABYTE)

    with pytest.raises(Refusal, match=r"磁盘空间不足：.*只剩 499 MB，至少需要 500 MB"):
        checks.check_room(tmp_path, 500, statvfs=lambda path: disk(499))
    checks.check_room(tmp_path, 500, statvfs=lambda path: disk(500))


def test_a_first_start_needs_more_room_than_a_later_one(tmp_path: Path) -> None:
    assert checks.room_needed(tmp_path) == checks.ROOM_FIRST_MB
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").touch()
    assert checks.room_needed(tmp_path) == checks.ROOM_AGAIN_MB


def test_a_data_folder_is_made_and_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    checks.check_folder(tmp_path / "new" / "var")
    assert (tmp_path / "new" / "var").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="不是文件夹"):
        checks.check_folder(tmp_path / "file")


def test_no_write_permission_is_refused(closed_folder: Path) -> None:
    with pytest.raises(Refusal, match="没有写入数据文件夹"):
        checks.check_folder(closed_folder / "var")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "没有写入"), (errno.EROFS, "没有写入"), (errno.ENOSPC, "磁盘已满"), (errno.EDQUOT, "磁盘已满")],
)
def test_every_cause_has_its_sentence(number: int, words: str) -> None:
    sentence = checks.folder_sentence(Path("/data"), "数据文件夹 VAR", OSError(number, "x"))
    assert words in sentence
    assert "VAR=/另一处" in sentence
