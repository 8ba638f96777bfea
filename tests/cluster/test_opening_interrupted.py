"""Openings that are broken off, killed, or run at the same time: a whole site or nothing, and one clear error."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from cluster.subsites.errors import SiteExists
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site
from tests.support.orders import NOTHING, ORDER, WHOLE, trace_of


def fail_in_the_middle(site: Subsite) -> None:
    """A provisioning step that raises."""
    raise RuntimeError(f"no {site.code} today")


@pytest.mark.parametrize("first", [True, False])
def test_a_step_that_raises_leaves_nothing(first: bool, living: tuple[Subsite, Subsite]) -> None:
    """Whether it fails before or after the other steps; run again without the fault, the site is born."""
    step = f"{__name__}.fail_in_the_middle"
    steps = [step, *settings.PROVISIONING_STEPS] if first else [*settings.PROVISIONING_STEPS, step]
    with override_settings(PROVISIONING_STEPS=steps), pytest.raises(RuntimeError, match="no gamma today"):
        open_site(**ORDER)
    assert trace_of("gamma") == NOTHING
    open_site(**ORDER)
    assert trace_of("gamma") == WHOLE


OPEN_IN_CHILD = """
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {name!r}
django.setup()
from cluster.subsites.services import open_site
open_site(**{order!r})
"""


def _clone_is_running() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND state = 'active' AND query LIKE 'CREATE SCHEMA %%'"""
        )
        return bool(cursor.fetchone()[0])


def _wait(until: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_killed_in_the_middle_of_the_clone(living: tuple[Subsite, Subsite]) -> None:
    """Kill -9 while the database is cloning: nothing is left, the lock is free, and the order can be repeated."""
    script = OPEN_IN_CHILD.format(name=settings.DATABASES["default"]["NAME"], order=ORDER)
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", script], cwd=settings.BASE_DIR)
    try:
        _wait(_clone_is_running)
    finally:
        os.kill(child.pid, signal.SIGKILL)
    assert child.wait(timeout=30) == -signal.SIGKILL
    _wait(lambda: not _clone_is_running())
    assert trace_of("gamma") == NOTHING
    open_site(**ORDER)
    assert trace_of("gamma") == WHOLE


SAME_CODE = [ORDER, ORDER]
SAME_DOMAIN = [ORDER, ORDER | {"code": "delta", "domain": "gamma.localhost"}]
SAME_NUMBER = [ORDER | {"id_code": "2301830001"}, ORDER | {"code": "delta", "id_code": "2301830001"}]


@pytest.mark.parametrize("orders", [SAME_CODE, SAME_DOMAIN, SAME_NUMBER])
def test_two_openings_of_one_code_at_once(orders: list[dict[str, str]], living: tuple[Subsite, Subsite]) -> None:
    """One site and one clear error, whoever is first; also for one domain or one identification code."""
    outcomes = _open_at_once(orders)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SiteExists", "Subsite"]
    refusal = str(next(outcome for outcome in outcomes if isinstance(outcome, SiteExists)))
    assert "被" in refusal or "已属于" in refusal
    traces = [trace_of(code) for code in {order["code"] for order in orders}]
    assert [trace for trace in traces if trace != NOTHING] == [WHOLE]


def test_two_openings_of_different_sites_at_once(living: tuple[Subsite, Subsite]) -> None:
    outcomes = _open_at_once([ORDER, ORDER | {"code": "delta", "kind": "city"}])
    assert sorted(outcome.code for outcome in outcomes if isinstance(outcome, Subsite)) == ["delta", "gamma"]


def _open_at_once(orders: list[dict[str, str]]) -> list[Subsite | Exception]:
    outcomes: list[Subsite | Exception] = []
    start = threading.Barrier(len(orders), timeout=20)

    def run(order: dict[str, str]) -> None:
        start.wait()
        try:
            outcomes.append(open_site(**order))
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
