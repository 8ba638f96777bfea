"""Run the reading of one attachment in a process of its own and survive whatever happens to it.

Called by the worker for every new or replaced attachment; the answer becomes a row of AttachmentText.
"""

import json
import logging
import os
import signal
import stat
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO

from cluster.resources.extraction.result import DEFAULT_LIMITS, Extraction, ExtractionState, Limits

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parents[3]
# Nothing of the parent's environment: passwords have no business in a process that reads hostile files.
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
OUT_OF_TIME = "读取附件超时，文件可能过大或有意构造。"
SIGNALS = {signal.SIGXCPU: OUT_OF_TIME, signal.SIGALRM: OUT_OF_TIME, signal.SIGKILL: "读取附件的进程被系统终止。"}


def extract_text(path: Path, filename: str, limits: Limits = DEFAULT_LIMITS) -> Extraction:
    """Extract the text of the attachment stored at `path` and uploaded as `filename`. No content makes it raise."""
    problem = _problem_of_file(path, limits)
    if problem:
        return problem
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as complaints:
        try:
            code = _run_child(path, filename, limits, answer, complaints)
        except subprocess.TimeoutExpired:
            return _failed(OUT_OF_TIME, retry=True)
        _log(complaints, path, code)
        return _understand(answer, code, limits)


def _problem_of_file(path: Path, limits: Limits) -> Extraction | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return _failed("附件文件不存在，可能已被删除。", retry=True)
    if not stat.S_ISREG(found.st_mode):  # a pipe or a device would be read without end
        return Extraction(state=ExtractionState.REFUSED, reason="附件不是普通文件。")
    if found.st_size > limits.input_bytes:
        return _failed(f"附件超过 {limits.input_bytes // 1024**2} MB，不收录正文。")
    return None


def _run_child(path: Path, filename: str, limits: Limits, answer: IO[bytes], complaints: IO[bytes]) -> int:
    """Start the child and wait; the answer goes to a file, so that a limit of the kernel bounds its size."""
    order = json.dumps({"path": str(path), "filename": filename, "limits": asdict(limits)})
    child = subprocess.Popen(  # noqa: S603 - no shell; the untrusted name travels inside one JSON argument
        [sys.executable, "-m", "cluster.resources.extraction.child", order],
        cwd=PROJECT,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=answer,
        stderr=complaints,
        start_new_session=True,
    )
    try:
        return child.wait(limits.wall_seconds)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _understand(answer: IO[bytes], code: int, limits: Limits) -> Extraction:
    if code < 0:
        return _failed(SIGNALS.get(signal.Signals(-code), "读取附件的进程意外终止。"), retry=True)
    answer.seek(0)
    try:
        said = json.loads(answer.read(limits.output_bytes))
        return Extraction(**{**said, "state": ExtractionState(said["state"])})
    except (ValueError, KeyError, TypeError):
        return _failed("读取附件的进程没有给出结果，可能是内存或磁盘空间不足。", retry=True)


def _log(complaints: IO[bytes], path: Path, code: int) -> None:
    complaints.seek(0)
    said = complaints.read(4000).decode(errors="replace").strip()
    if said or code:
        logger.warning("reading %s ended with code %s: %s", path.name, code, said)


def _failed(reason: str, *, retry: bool = False) -> Extraction:
    return Extraction(state=ExtractionState.FAILED, reason=reason, retry=retry)
