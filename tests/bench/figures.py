"""Figure: one measured value; written as a JSON line to the terminal and to $VAR/bench, and compared with its goal.

Filled by the measuring modules, emitted by __main__.
"""

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO

import psutil

from deploy.launcher.options import REPO


@dataclass(frozen=True)
class Figure:
    """A value with its unit, and of how many observations it speaks."""

    name: str
    value: float
    unit: str
    n: int = 1


# What the figures have to reach on two idle cores: at most, or at least.
AT_MOST = {
    "open_site": 1.0,
    "migrate_nothing": 3.0,
    "publish_visible_p99": 2.0,
    "withdraw_gone_p99": 2.0,
    "import_5000": 45.0,
    "gate_item_ms": 3.0,
    "gate_second_look_ms": 3.0,
    "gate_editor_p95": 150.0,
    "gate_found_around_max": 2.0,
    "inspect_all": 20.0,
    "inspect_board": 0.3,
    "memory_total": 3 * 1024,
    "columns_plan_113": 15.0,
    "columns_apply_113": 60.0,
    "start_fresh": 90.0,
    "start_again": 25.0,
    "start_province": 180.0,
}
AT_LEAST = {
    "drain_small_of_raw": 50.0,
    "drain_large_of_raw": 50.0,
    "search_elasticsearch_ndcg@10": 0.80,
    "search_postgres_ndcg@10": 0.67,
}


def verdict(figure: Figure) -> str:
    """Return how the figure stands to its goal, or nothing where there is none."""
    if figure.name in AT_MOST:
        goal = AT_MOST[figure.name]
        return f"{'达到' if figure.value <= goal else '没有达到'}（≤ {goal:g}）"
    if figure.name in AT_LEAST:
        goal = AT_LEAST[figure.name]
        return f"{'达到' if figure.value >= goal else '没有达到'}（≥ {goal:g}）"
    return ""


class Recorder:
    """Writes the figures of one run."""

    def __init__(self, folder: Path, terminal: IO[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
        self.terminal = terminal
        self.figures: list[Figure] = []

    def record(self, figure: Figure) -> None:
        """Write one figure to both places at once: a run that is broken off leaves what it had."""
        line = json.dumps(
            {
                "name": figure.name,
                "value": round(figure.value, 4),
                "unit": figure.unit,
                "n": figure.n,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "commit": commit(),
                "machine": machine(),
            },
            ensure_ascii=False,
        )
        print(line, file=self.terminal, flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self.figures.append(figure)


@cache
def commit() -> str:
    """Return the short name of the measured commit, marked where files differ from it."""
    return _git("describe", "--always", "--dirty", "--exclude=*") or "unknown"


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=REPO, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


@cache
def machine() -> str:
    """Describe the machine by what matters to the figures; not by its name."""
    model = ""
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        lines = cpu_info.read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    memory = psutil.virtual_memory().total / 1024**3
    return f"{os.cpu_count()} x {model or platform.machine()}, {memory:.0f} GB, Python {platform.python_version()}"
