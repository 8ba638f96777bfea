"""Run the measurements: `python -m tests.bench [NAME …]`, or ONLY=name,name in the environment; --list names them.

Started by `make bench`, which provides PostgreSQL and Elasticsearch. Standard output holds the figures alone, one JSON
object a line; everything said to people goes to standard error.
"""

import os
import sys
import time
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.bench.figures import Figure, Recorder, verdict
from tests.bench.measuring import load_warning
from tests.bench.workshop import BenchFailed, Workshop

# In this order, whatever was asked for: the province is opened where there are moulds and nothing else, and the laws come
# before the articles that would stand between them in a search. As paths, because the modules can only be loaded when the
# workshop has told Django which database to use.
MEASUREMENTS = {
    "open_113": "tests.bench.opening.open_all",
    "open_site": "tests.bench.opening.open_one",
    "migrate": "tests.bench.opening.migrate",
    "columns": "tests.bench.columns.plan_and_apply",
    "search_eval": "tests.bench.evaluation.evaluate",
    "gate": "tests.bench.gate.gate",
    "latency": "tests.bench.latency.publish_and_withdraw",
    "inspect": "tests.bench.inspecting.inspect",
    "pages": "tests.bench.pages.serve",
    "import": "tests.bench.importing.import_articles",
    "drain": "tests.bench.draining.drain",
    "memory": "tests.bench.memory.whole_stack",
    "start": "tests.bench.starting.start",
    "start_province": "tests.bench.starting.start_province",
}


def main(arguments: list[str]) -> int:
    """Measure what was asked for; return 1 when something could not be measured though it should."""
    if "--list" in arguments:
        print("\n".join(MEASUREMENTS))
        return 0
    asked = arguments or [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()]
    unknown = [name for name in asked if name not in MEASUREMENTS]
    if unknown:
        say(f"没有叫 {'、'.join(unknown)} 的测量；可选：{'、'.join(MEASUREMENTS)}")
        return 2
    if "DATABASE_URL" not in os.environ:
        say(
            "请用 make bench 运行：它备好 PostgreSQL 和 Elasticsearch。自备的，请设 DATABASE_URL 和 ELASTICSEARCH_URL。"
        )
        return 2
    folder = Path(os.environ.get("BENCH_DIR") or Path(os.environ.get("VAR") or "var") / "bench").resolve()
    recorder = Recorder(folder, sys.stdout)
    workshop = Workshop(static=folder / "static-cache")
    workshop.enter()
    try:
        wanted = [name for name in MEASUREMENTS if name in asked or not asked]
        failed = [name for name in wanted if not measure(name, workshop, recorder)]
    finally:
        workshop.leave()
    conclude(recorder)
    return 1 if failed else 0


def measure(name: str, workshop: Workshop, recorder: Recorder) -> bool:
    """Run one measurement; what cannot be measured is said and the others go on."""
    say(f"── {name} … {load_warning()}")
    began = time.monotonic()
    try:
        module, _, function = MEASUREMENTS[name].rpartition(".")
        figures: Iterator[Figure] = getattr(import_module(module), function)(workshop)
        for figure in figures:
            recorder.record(figure)
    except BenchFailed as missing:
        say(f"   没有测到：{missing}")
        return True
    except Exception:
        say(f"   {name} 失败：\n{traceback.format_exc()}")
        return False
    say(f"   用时 {time.monotonic() - began:.0f} 秒")
    return True


def conclude(recorder: Recorder) -> None:
    """Show people the figures beside their goals."""
    for figure in recorder.figures:
        say(f"{figure.name:32} {figure.value:12.3f} {figure.unit:16} {verdict(figure)}")
    if recorder.figures:
        say(f"已存入 {recorder.path}")


def say(text: str) -> None:
    """Speak to people, not into the figures."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
