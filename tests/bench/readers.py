"""Readers of the running product: processes that follow links from page to page, each some forty pages a second.

Started by measurements that must hold under load. Each is a program of its own, so that they take no time from who measures.
"""

import http.client
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deploy.launcher import processes
from deploy.launcher.options import REPO

_LINK = re.compile(rb'href="(/[a-z0-9_/-]*)"')
_KEPT_LINKS = 400
# Between two pages: readers that took the whole machine would only slow down the editors whose changes they are to meet.
_PAUSE_SECONDS = 0.02


@contextmanager
def reading(hosts: Sequence[str], port: int, count: int) -> Iterator[None]:
    """Have so many readers read these hosts during the block."""
    command = [sys.executable, "-m", "tests.bench.readers", str(port), *hosts]
    readers = [
        subprocess.Popen(command, cwd=REPO, preexec_fn=processes.die_with_parent(), stdout=subprocess.DEVNULL)
        for _ in range(count)
    ]
    try:
        yield
        ended = [reader.returncode for reader in readers if reader.poll() is not None]
        if ended:
            raise AssertionError(f"readers have ended by themselves: {ended}")
    finally:
        for reader in readers:
            reader.terminate()
            reader.wait()


def read_on(port: int, hosts: Sequence[str]) -> None:
    """Read until killed; an answer of 500 and above ends it, but for 503."""
    chance, connection = random.Random(), http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    known: dict[str, list[str]] = {host: ["/"] for host in hosts}
    while True:
        time.sleep(_PAUSE_SECONDS)
        host = chance.choice(hosts)
        path = chance.choice(known[host])
        try:
            connection.request("GET", path, headers={"Host": f"{host}:{port}"})
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            time.sleep(0.1)
            continue
        if response.status >= http.client.INTERNAL_SERVER_ERROR and response.status != http.client.SERVICE_UNAVAILABLE:
            sys.exit(f"{host}{path}: {response.status}")
        found = {link.decode() for link in _LINK.findall(body)} - {"/admin/", "/search/"}
        known[host] = [*known[host], *found][-_KEPT_LINKS:]


if __name__ == "__main__":
    read_on(int(sys.argv[1]), sys.argv[2:])
