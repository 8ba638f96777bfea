"""`make stop` and `make clean`: end what still runs on a data folder; remove what can be made again."""

import os
import shutil
import signal
import time
from pathlib import Path

from deploy.launcher import console, processes, state
from deploy.launcher.elasticsearch import Elasticsearch
from deploy.launcher.errors import Refusal
from deploy.launcher.options import REPO, Options
from deploy.launcher.postgres import EmbeddedPostgres

CACHES = (".mypy_cache", ".ruff_cache", ".import_linter_cache", ".pytest_cache")


def stop(options: Options, arguments: list[str]) -> int:
    """Ask a running launcher to end, then stop what a killed one left."""
    if not options.var.is_dir():
        raise Refusal(f"没有数据文件夹 {options.var}；无需停止。")
    stop_launcher(options.var)
    for name in ("worker", "web", "prepare", "fetch"):
        processes.stop(processes.strays(name, options.var), patience=20)
    for var in (options.var, options.var / "test"):
        if var.is_dir():
            Elasticsearch(var).stop()
            EmbeddedPostgres(var).stop()
    console.done(f"{options.var} 上没有仍在运行的部分")
    return 0


def stop_launcher(var: Path) -> None:
    """Send the launcher the signal that Ctrl-C sends, and wait for its end."""
    pid = state.holder_pid(var)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + state.STOP_PATIENCE
    while state.is_locked(var):
        if time.monotonic() > deadline:
            raise Refusal(f"进程 {pid} 没有停止；请查看 {var}/log 里的日志。")
        time.sleep(0.2)


def clean(options: Options, arguments: list[str]) -> int:
    """Remove caches, collected static files and the tests' servers; the cluster's data stays."""
    for name in ("run", "test"):
        if options.var.is_dir() and state.is_locked(options.var, name):
            raise Refusal(f"make {name} 正在运行；请先停止它。")
    if (options.var / "test").is_dir():
        Elasticsearch(options.var / "test").stop()
        EmbeddedPostgres(options.var / "test").stop()
    for path in (options.var / "test", options.var / "static", *(REPO / name for name in CACHES)):
        shutil.rmtree(path, ignore_errors=True)
    (options.var / "static.stamp").unlink(missing_ok=True)
    for folder in ("cluster", "sites", "search", "tests", "deploy"):
        for cache in (REPO / folder).rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
    console.done("已清除缓存、静态文件和测试用的服务；站群数据没有动")
    return 0
