"""How much memory the whole product takes with the demonstration cluster, after every admin was opened.

Proportional set size of the four parts: PostgreSQL (its server and the connections of this installation), Elasticsearch,
gunicorn, the worker.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import requests

from tests.bench.figures import Figure
from tests.bench.measuring import backends, family, proportional_memory
from tests.bench.workshop import BenchFailed, Workshop
from tests.support.citizen import Visitor
from tests.support.running import Product, serving


def whole_stack(workshop: Workshop) -> Iterator[Figure]:
    """Open the demonstration cluster in a database of its own, open every admin, and add up."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchFailed("这个系统没有 /proc/…/smaps_rollup，内存没有测到。")
    name = f"{workshop.name}_demo"
    workshop.make_database(name)
    product = workshop.product_on(name)
    workshop.command(product, "migrate_cluster", timeout=900)
    accounts = product.var / "demo-accounts.json"
    workshop.command(product, "open_demo", "--sites", "demo", "--accounts", str(accounts), timeout=900)
    product.collect_static(workshop.static)
    with serving(product):
        count = _open_admins(product, json.loads(accounts.read_text(encoding="utf-8")))
        parts = {
            "postgresql": _postgres(name),
            "elasticsearch": _elasticsearch(workshop.elasticsearch_url),
            "web": family(product.web.child.pid) if product.web.child else [],
            "worker": family(product.worker.child.pid) if product.worker.child else [],
        }
        sizes = {part: proportional_memory(processes) for part, processes in parts.items()}
    for part, size in sizes.items():
        yield Figure(f"memory_{part}", size, "MB", count)
    yield Figure("memory_total", sum(sizes.values()), "MB", count)


def _open_admins(product: Product, accounts: list[dict[str, str]]) -> int:
    """Sign in as everybody and open the admin, as a morning in the offices does; return how many did."""
    for account in accounts:
        visitor = Visitor(product, account["site"]).sign_in(account["username"], account["password"])
        for path in ("/admin/", "/"):
            assert visitor.get(path).status_code in {200, 302}, f"{account['site']}{path}"
    return len(accounts)


def _postgres(database: str) -> list[psutil.Process]:
    """Return the server, its helpers and the connections of one database, but no connection of others."""
    own = backends(database)
    if not own:
        raise BenchFailed("PostgreSQL 不在这台机器上，内存没有测到。")
    server = own[0].parent()
    assert server is not None
    helpers = [
        one for one in server.children() if "[local]" not in (line := " ".join(one.cmdline())) and "(" not in line
    ]
    return [server, *helpers, *own]


def _elasticsearch(url: str) -> list[psutil.Process]:
    """Return Elasticsearch's process; none where none is used."""
    if not url:
        return []
    nodes = requests.get(f"{url}/_nodes/process", timeout=30).json()["nodes"].values()
    return [one for node in nodes for one in family(node["process"]["id"])]
