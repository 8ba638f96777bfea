"""Fixtures of all tests: a database built once per run, with two living sites and a console.

`db` tests roll back. `living` tests commit for real (feed, NOTIFY, worker, threads) and clean up behind them.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from cluster.resources import page_numbers
from cluster.subsites.models import Subsite
from tests.support import cleaning
from tests.support.database import create_test_database, drop_test_database
from tests.support.web_role import need_web_role


def _build() -> None:
    """Fill the template database: moulds, console, alpha and beta."""
    from cluster.subsites.services import open_site

    with open(os.devnull, "w") as nowhere:
        call_command("migrate_cluster", stdout=nowhere)
    open_site(code="console", name="群站管理控制台", kind="console")
    open_site(code="alpha", name="甲县人民政府", kind="county", region_code="230184", id_code="2301840001")
    open_site(code="beta", name="乙市人民政府", kind="city", region_code="230200", id_code="2302000001")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Share the tests out in their order; asked in the process that shares them out."""
    from tests.support.scheduling import InOrder

    return InOrder(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Ask for what the marks say that a test needs, before anything is built for it."""
    if item.get_closest_marker("web_role"):
        need_web_role()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:  # type: ignore[override]
    """Give the run a database of its own; drop it at the end."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = create_test_database(_build)
        cleaning.remember_the_planted_pages()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        drop_test_database(name)


@pytest.fixture
def alpha(db: None) -> Subsite:
    """Return site A, a county."""
    return Subsite.objects.select_related("region").get(code="alpha")


@pytest.fixture
def beta(db: None) -> Subsite:
    """Return site B, a city."""
    return Subsite.objects.select_related("region").get(code="beta")


@pytest.fixture
def console(db: None) -> Subsite:
    """Return the console."""
    return Subsite.objects.get(code="console")


@pytest.fixture
def living(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[tuple[Subsite, Subsite]]:
    """Return alpha and beta for a test that commits; everything it leaves is removed afterwards."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connection.set_schema_to_public()
        sites = (Subsite.objects.get(code="alpha"), Subsite.objects.get(code="beta"))
        # The ledger keeps the made-up page numbers of other tests, which the nightly check would take for a restored site.
        page_numbers.lift([site.schema_name for site in sites])
        yield sites
        cleaning.clean()
        connection.close()


@pytest.fixture
def client_for() -> Callable[[Subsite], Client]:
    """Return a function that gives a client whose requests go to the site's host."""

    def make(site: Subsite, **kwargs: object) -> Client:
        return Client(HTTP_HOST=site.primary_host, **kwargs)

    return make


@pytest.fixture(autouse=True)
def _start_in_public(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no site entered and no cache filled from one test to the next."""
    from django.core.cache import caches

    from cluster.column_templates import current

    yield
    current.forget()
    connection.set_schema_to_public()
    connection.before_commit_hooks.clear()
    for alias in settings.CACHES:
        caches[alias].clear()
