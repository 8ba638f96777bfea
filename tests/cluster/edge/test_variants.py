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


@pytest.mark.parametrize(
    "tag",
    [
        '<a href="https://example.cn/办法.pdf">{}</a>',
        "<a class='x' HREF = 'https://example.cn/办法.pdf'>{}</a>",
        '<img src="/发展.png" srcset="/发展.png 1x, /发展2.png 2x" alt="{}">',
        '<form action="/发展/"><button name="发展" value="办法">{}</button></form>',
        '<h2 id="办法">{}</h2>',
    ],
)
def test_what_names_something_elsewhere_stays(tag: str) -> None:
    """Beside it the words of the same tag are turned."""
    assert to_traditional(tag.format("办法").encode()).decode() == tag.format("辦法")


def test_a_link_in_an_item_leads_to_the_same_place_in_every_view(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    link = '见<a href="https://example.cn/办法.pdf">办法</a>'
    for site in (alpha, beta):
        address = address_of(site, publish_article(site, "办法", text=link))
        for cookie, word in (("", "办法"), ("qz_view=hant", "辦法")):
            text = edge.get(site, address, HTTP_COOKIE=cookie).text
            soup = BeautifulSoup(text, "html.parser")
            (found,) = soup.select('a[href^="https://example.cn/"]')
            assert (found["href"], found.get_text()) == ("https://example.cn/办法.pdf", word)
