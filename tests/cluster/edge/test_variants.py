"""The closed set of views: chosen by one cookie of the host, each with its own copy, none but four."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from cluster.edge.traditional import to_traditional
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.edging import Front
from tests.support.pages import address_of


@pytest.mark.parametrize(
    ("cookie", "folder", "language", "view", "word"),
    [
        ("", "", "zh-CN", None, "发展"),
        ("qz_view=elder", "#e", "zh-CN", "elder", "发展"),
        ("qz_view=hant", "#t", "zh-Hant", None, "發展"),
        ("qz_view=elder-hant", "#et", "zh-Hant", "elder", "發展"),
        ("qz_view=anything", "", "zh-CN", None, "发展"),
    ],
)
def test_each_view_has_its_own_copy(
    edge: Front, alpha: Subsite, beta: Subsite, cookie: str, folder: str, language: str, view: str | None, word: str
) -> None:
    address = address_of(alpha, publish_article(alpha, "发展规划"))
    rendered, stored = edge.get(alpha, address, HTTP_COOKIE=cookie), edge.get(alpha, address, HTTP_COOKIE=cookie)
    assert stored.from_store
    assert stored.body == rendered.body
    assert stored.headers["Content-Language"] == language
    root = BeautifulSoup(stored.text, "html.parser").html
    assert (root["lang"], root.get("data-view")) == (language, view)
    assert word in stored.text
    assert edge.paths(alpha) == {f"{address}{folder}"}
    assert edge.paths(beta) == set()


def test_the_links_lead_from_each_view_to_the_others(edge: Front, alpha: Subsite) -> None:
    found = {}
    for cookie in ("", "elder", "hant", "elder-hant"):
        soup = BeautifulSoup(edge.get(alpha, "/dtyw/", HTTP_COOKIE=f"qz_view={cookie}").text, "html.parser")
        found[cookie] = [link["href"].partition("as=")[2] for link in soup.select('.strip a[rel="nofollow"]')]
    back = "&next=%2Fdtyw%2F"
    assert found == {
        "": [f"elder{back}", f"hant{back}"],
        "elder": [back, f"elder-hant{back}"],
        "hant": [f"elder-hant{back}", back],
        "elder-hant": [f"hant{back}", f"elder{back}"],
    }


def test_choosing_sets_a_cookie_of_this_host_alone(edge: Front, alpha: Subsite) -> None:
    citizen = Client(HTTP_HOST=alpha.primary_host)
    answer = citizen.get("/view/", {"as": "elder", "next": "/dtyw/"})
    cookie = answer.cookies["qz_view"]
    assert (answer.status_code, answer["Location"], cookie.value, cookie["domain"]) == (302, "/dtyw/", "elder", "")
    assert "no-store" in answer["Cache-Control"]
    assert b'data-view="elder"' in citizen.get("/dtyw/").content
    citizen.get("/view/", {"as": "", "next": "/"})
    assert b"data-view" not in citizen.get("/dtyw/").content
    assert edge.paths(alpha) == {"/dtyw/#e", "/dtyw/"}


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example/", "javascript:x", ""])
def test_choosing_leads_nowhere_else(alpha: Subsite, target: str) -> None:
    answer = Client(HTTP_HOST=alpha.primary_host).get("/view/", {"as": "elder", "next": target})
    assert answer["Location"] == "/"


def test_nothing_but_words_is_turned() -> None:
    page = '<a href="/fzgh/?q=1" title="发展">“头发”与“发展”〇</a>'
    assert to_traditional(page.encode()).decode() == '<a href="/fzgh/?q=1" title="發展">“頭髮”與“發展”〇</a>'
