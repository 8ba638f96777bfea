"""Fixtures of the flows: the product running on the run's database, and a browser.

Flows come last and together, whatever order the other tests are shuffled into: the product starts once, its worker works on
nobody else's rows, and what the flows leave behind goes with the run's database.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from elasticsearch import Elasticsearch
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from cluster.subsites.models import Subsite
from deploy.launcher.browser import find_browser
from tests.support.accounts import make_account
from tests.support.articles import publish_article
from tests.support.citizen import Visitor
from tests.support.lacking import refuse_or_skip
from tests.support.people import PASSWORD
from tests.support.running import Product, serving, wait_until, with_database
from tests.support.truth import Truth
from tests.support.wire import Wire

HERE = Path(__file__).parent
BROWSER_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks of another host fails here, and the test sees that it was asked for.
    "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the flows behind all other tests and keep each file together."""
    items.sort(key=lambda item: (HERE in item.path.parents, str(item.path) if HERE in item.path.parents else ""))


@pytest.fixture(scope="package")
def elasticsearch_url() -> str:
    """Return the address of the Elasticsearch that the run was given."""
    if not settings.SEARCH_ELASTICSEARCH_URL:
        refuse_or_skip("没有 Elasticsearch（ELASTICSEARCH_URL 为空），相关流程没有测到")
    return str(settings.SEARCH_ELASTICSEARCH_URL)


@pytest.fixture(scope="package")
def product_folder() -> Iterator[Path]:
    """Give a data folder for this run's product, short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="qz-flow-") as name:
        yield Path(name)


@contextlib.contextmanager
def an_index_prefix(url: str, name: str) -> Iterator[str]:
    """Give a prefix that no other run uses; its indices are removed at the end."""
    prefix = f"qunzhan-flow-{name}-{os.getpid()}"
    yield prefix
    if url:
        Truth("", url, prefix).delete_indices()


def has_index(url: str, prefix: str) -> bool:
    """Tell whether the worker has made the index, asked of Elasticsearch itself: a search would open the circuit breaker."""
    if not url:
        return True
    with contextlib.closing(Elasticsearch(url, request_timeout=30)) as client:
        return bool(client.indices.exists_alias(name=prefix))


@pytest.fixture(scope="package")
def database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Open the run's database to the flows, which commit and leave what they did: they are its last users."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        connection.close()


@pytest.fixture(scope="package")
def wire() -> Iterator[Wire | None]:
    """Give the wire between the product and Elasticsearch; None where there is no Elasticsearch."""
    url = settings.SEARCH_ELASTICSEARCH_URL
    wire = Wire(url) if url else None
    yield wire
    if wire:
        wire.cut()


@pytest.fixture(scope="package")
def running(database: None, product_folder: Path, wire: Wire | None) -> Iterator[Product]:
    """Give the running product: gunicorn and worker on the run's database."""
    name = str(connection.settings_dict["NAME"])
    url = settings.SEARCH_ELASTICSEARCH_URL
    with an_index_prefix(url, "run") as prefix:
        product = Product(
            product_folder,
            database_url=with_database(settings.DATABASE_URL, name),
            database_web_url=with_database(settings.DATABASE_WEB_URL, name) if settings.DATABASE_WEB_URL else "",
            elasticsearch_url=wire.url if wire else "",
            index_prefix=prefix,
            secret_key=settings.SECRET_KEY,
        )
        product.collect_static(Path(settings.VAR_DIR) / "flows")
        with serving(product):
            wait_until(lambda: has_index(url, prefix), 60, "the index is there", product.last_words)
            yield product


@pytest.fixture(scope="package")
def sites(database: None) -> tuple[Subsite, Subsite]:
    """Return alpha and beta."""
    return Subsite.objects.get(code="alpha"), Subsite.objects.get(code="beta")


@pytest.fixture(scope="package")
def editors(sites: tuple[Subsite, Subsite]) -> dict[str, str]:
    """Return site code → username of an editor who may publish there."""
    return {site.code: make_account(site, "site_admin", f"{site.code}-bianji").username for site in sites}


@pytest.fixture
def visit(running: Product) -> Callable[[str], Visitor]:
    """Return a function that sends a new visitor to a site."""
    return lambda site: Visitor(running, site)


@pytest.fixture(scope="package")
def standing_article(running: Product, sites: tuple[Subsite, Subsite]) -> tuple[str, str]:
    """Publish an article of alpha that stays; return its title and path. Its text strains narrow screens."""
    title = f"甲县关于开展{uuid4().hex[:8]}普查工作的通知"
    text = "各乡镇：" + "现将有关事项通知如下。" * 30 + "https://www.example.gov.cn/" + "a1b2c3d4" * 20
    page = publish_article(sites[0], title, text=text)
    wait_until(lambda: title in Visitor(running, "beta").finds(title), 30, "found", running.last_words)
    return title, f"/dtyw/{page.slug}/"


@pytest.fixture(autouse=True)
def _logs_of_the_product(request: pytest.FixtureRequest) -> Iterator[None]:
    """Show the ends of the product's logs beside a test that failed."""
    yield
    report = getattr(request.node, "call_report", None)
    if report is not None and report.failed and "running" in request.fixturenames:
        print(request.getfixturevalue("running").last_words())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep the report of the test itself for the fixture above."""
    report = yield
    if report.when == "call":
        item.call_report = report  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="package")
def chromium() -> str:
    """Return the browser's path."""
    path = find_browser()
    if path is None:
        refuse_or_skip("没有找到 Chromium（Debian：apt install chromium，或设 CHROMIUM=），浏览器流程没有测到")
    return str(path)


@pytest.fixture(scope="package")
def browser(running: Product, chromium: str) -> Iterator[Browser]:
    """Give the machine's own Chromium; none is ever downloaded."""
    # Playwright's loop runs in this thread, where Django then forbids the ORM; the tests use both in turn, never at once.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium_now = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        yield chromium_now
        chromium_now.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Desk:
    """One person's browser; remembers every request to a host that is not of this installation and every script error."""

    def __init__(self, context: BrowserContext, product: Product) -> None:
        self.context, self.product = context, product
        self.strangers: list[str] = []
        self.errors: list[str] = []
        self.page: Page = context.new_page()
        context.on("request", lambda request: self._look_at(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _look_at(self, url: str) -> None:
        if not re.match(rf"(http://[a-z0-9-]+\.localhost:{self.product.port}/|data:|blob:|about:)", url):
            self.strangers.append(url)

    def open(self, site: str, path: str = "/") -> Page:
        """Go to a path of a site and return the page."""
        self.page.goto(self.product.url(site, path))
        return self.page

    def sign_in(self, site: str, username: str) -> "Desk":
        """Sign in to the site's admin through its form."""
        page = self.open(site, "/admin/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return self


@pytest.fixture
def desk(browser: Browser, running: Product) -> Iterator[Callable[..., Desk]]:
    """Return a function that sits somebody down at a browser; at the end no request may have left the installation."""
    desks: list[Desk] = []

    def sit_down(**options: object) -> Desk:
        context = browser.new_context(locale="zh-CN", **options)
        context.set_default_timeout(15_000)
        desks.append(Desk(context, running))
        return desks[-1]

    yield sit_down
    for one in desks:
        one.context.close()
    assert [url for one in desks for url in one.strangers] == [], "requests to other hosts"
    assert [error for one in desks for error in one.errors] == [], "script errors"
