"""wrk (Debian's): ask for pages as fast as they are answered, and read off how fast that was.

Called by the measurements of the page store; where wrk is missing they say so and are left out.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher import processes
from deploy.launcher.debian import find_program
from tests.bench.workshop import BenchFailed

CONNECTIONS = 16
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_COUNT = re.compile(r"(\d+) requests in")
_WRONG = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*")
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
# Asks for the front pages of many hosts in turn.
_IN_TURN = """local hosts = {{ {hosts} }}
local number = 0
request = function()
    number = number + 1
    return wrk.format("GET", "/", {{ ["Host"] = hosts[number % #hosts + 1] }})
end
"""


@dataclass(frozen=True)
class Speed:
    """What wrk measured: requests a second, the 99th percentile in milliseconds, requests in all."""

    rate: float
    p99: float
    count: int


def program() -> str:
    """Return wrk's path."""
    found = find_program("wrk")
    if found is None:
        raise BenchFailed("没有 wrk（Debian：apt install wrk），页面存储的速度没有测到。")
    return found


def ask(port: int, path: str, seconds: int, **headers: str) -> Speed:
    """Ask for one page over CONNECTIONS connections. Raises AssertionError where an answer is wrong."""
    told = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [program(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *told]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    wrong = _WRONG.search(done.stdout)
    assert wrong is None, f"{path}: {wrong and wrong.group(0)}"
    rate, p99, count = _RATE.search(done.stdout), _P99.search(done.stdout), _COUNT.search(done.stdout)
    if not (rate and p99 and count):
        raise AssertionError(done.stdout)
    return Speed(float(rate[1]), float(p99[1]) * _MILLISECONDS[p99[2]], int(count[1]))


@contextmanager
def full_load(port: int, hosts: Sequence[str], folder: Path) -> Iterator[None]:
    """Have the front pages of these hosts read as fast as they are answered during the block."""
    script = folder / "in-turn.lua"
    script.write_text(_IN_TURN.format(hosts=", ".join(f'"{host}"' for host in hosts)))
    command = [program(), "-t1", f"-c{CONNECTIONS}", "-d3600s", "-s", str(script), f"http://127.0.0.1:{port}/"]
    reader = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=processes.die_with_parent())
    try:
        yield
        assert reader.poll() is None, "wrk has ended by itself"
    finally:
        reader.kill()
        reader.wait()
