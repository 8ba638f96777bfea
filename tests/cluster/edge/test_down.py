"""While the database does not answer: copies are served, the rest hears in the site's design what still works."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError

from cluster import middleware
from cluster.edge.generation import PREVIOUS
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.edging import Front
from tests.support.pages import address_of, browse

OLD = "b" * 16


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which no site is found for want of a database."""

    def gone(host: str) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    return lambda: monkeypatch.setattr(middleware, "find_site", gone)


def test_the_words_lead_to_what_works(alpha: Subsite, beta: Subsite) -> None:
    for site, other in ((alpha, beta), (beta, alpha)):
        page = browse(site, "/down/")
        assert page.h1.get_text() == "部分功能暂时不能使用"
        assert site.name in page.title.get_text()
        assert other.name not in page.main.get_text()
        addresses = [link["href"] for link in page.select("main .chips a")]
        assert addresses[0] == "/"
        assert "/dtyw/" in addresses
        assert addresses[-1] == "/sitemap/"
        assert page.select_one("form[role=search]") is None


def test_copies_are_served_and_the_rest_hears_what_works(
    edge: Front, alpha: Subsite, beta: Subsite, cut: Callable[[], None]
) -> None:
    page = address_of(alpha, publish_article(alpha, "甲县的消息"))
    for path in (page, "/down/"):
        edge.get(alpha, path)
    words, ours, theirs = edge.get(alpha, "/down/").text, alpha.primary_host, beta.primary_host
    cut()
    assert "甲县的消息" in edge.get(ours, page).text
    # Who shows papers is not answered by the layer in front; with the database away the copy has to do.
    assert edge.get(ours, page, HTTP_AUTHORIZATION="Bearer x").status == 200
    for method, path in (("GET", "/zcwj/"), ("GET", "/search/?q=a"), ("POST", "/zcwj/"), ("POST", page)):
        answer = edge.get(ours, path, method=method)
        assert (answer.status, answer.text) == (503, words), (method, path)
        assert answer.headers["Retry-After"] == "30"
        assert answer.headers["Cache-Control"] == "no-store"
    assert alpha.name not in edge.get(theirs, "/zcwj/").text
    assert edge.get(theirs, "/zcwj/").status == 503


def test_the_last_releases_copy_stands_in_only_while_it_is_needed(
    edge: Front, alpha: Subsite, beta: Subsite, cut: Callable[[], None]
) -> None:
    page = address_of(alpha, publish_article(alpha, "甲县的消息"))
    edge.get(alpha, page)
    (edge.store.root / edge.store.generation / alpha.primary_host).rename(_old(edge) / alpha.primary_host)
    assert not edge.get(alpha, page).from_store
    edge.store.forget(edge.store.index.entries_of())
    ours, theirs = alpha.primary_host, beta.primary_host
    cut()
    answer = edge.get(ours, page)
    assert (answer.status, answer.from_store) == (200, False)
    assert "甲县的消息" in answer.text
    assert edge.paths(alpha) == set()
    assert edge.get(theirs, page).status == 503


def _old(edge: Front) -> Path:
    folder = edge.store.root / OLD
    folder.mkdir()
    (edge.store.root / PREVIOUS).symlink_to(OLD)
    return folder


def test_without_a_store_a_plain_page_says_so(edge: Front, alpha: Subsite, cut: Callable[[], None]) -> None:
    ours = alpha.primary_host
    cut()
    answer = edge.get(ours, "/")
    assert answer.status == 503
    assert "网站暂时无法访问" in answer.text
