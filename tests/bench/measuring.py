"""Small measuring tools: percentiles, processor time and memory of processes.

Called by the measuring modules.
"""

import contextlib
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def family(pid: int) -> list[psutil.Process]:
    """Return the process and everything it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def backends(database: str) -> list[psutil.Process]:
    """Return the server processes of PostgreSQL that serve this database on this machine."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if (line := " ".join(process.info["cmdline"] or [])).startswith("postgres: ") and f" {database} " in f"{line} "
    ]


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the processor time that the processes have used."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def proportional_memory(processes: Iterable[psutil.Process]) -> float:
    """Return the processes' memory in MB (PSS: what several share counts once, in parts)."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def load_warning() -> str:
    """Return a sentence if the machine is busy with other work, so that nobody trusts what is measured now."""
    load = os.getloadavg()[0]
    cores = os.cpu_count() or 1
    return f"机器正忙（负载 {load:.1f}，{cores} 核），量出的数字偏差" if load > cores * 0.6 else ""
