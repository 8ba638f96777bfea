"""nginx whose application does not answer."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.edge.headers import headers_of
from cluster.edge.variants import VIEW_COOKIE, Variant
from deploy.launcher.elasticsearch import free_port
from tests.cluster.edge.nginx.shelves import ALPHA, BETA, GAMMA, Shelves
from tests.support.front import Front, fronted


class TestApplicationDown:
    @pytest.fixture
    def alone(self, shelves: Shelves, tmp_path: Path) -> Iterator[Front]:
        """Give nginx whose application does not answer."""
        root = shelves.root.parent
        folders = {"store": shelves.root, "media": root / "media", "static": root / "static"}
        with fronted(tmp_path, app_port=free_port(), **folders) as running:
            yield running

    def test_what_is_stored_is_served(self, alone: Front) -> None:
        assert alone.ask(ALPHA, "/tzgg/").text == "公告"
        assert alone.ask(ALPHA, "/media/site_alpha/images/da-lou.webp").status == 200
        with_papers = alone.ask(ALPHA, "/tzgg/", Authorization="Bearer x")
        assert (with_papers.status, with_papers.text) == (200, "公告")

    def test_the_last_release_s_copy_stands_in(self, alone: Front) -> None:
        answer = alone.ask(ALPHA, "/old/")
        assert (answer.status, answer.text) == (200, "上一版的页面")
        assert answer.headers["content-security-policy"]

    @pytest.mark.parametrize(
        ("host", "target", "kind", "text"),
        [
            (ALPHA, "/old/rss/", "rss", "<rss>old</rss>"),
            (ALPHA, "/sitemap.xml?p=3", "xml", "<urlset>old</urlset>"),
            (GAMMA, "/robots.txt", "txt", "User-agent: old"),
        ],
    )
    def test_so_does_what_machines_read(self, host: str, target: str, kind: str, text: str, alone: Front) -> None:
        answer = alone.ask(host, target)
        assert (answer.status, answer.text) == (200, text)
        told = headers_of(kind, Variant.NORMAL)
        assert {name: answer.headers.get(name.lower()) for name in told} == told
        assert "content-language" not in answer.headers
        packed = alone.ask(host, target, Accept_Encoding="gzip")
        assert (packed.headers["content-encoding"], gzip.decompress(packed.body).decode()) == ("gzip", text)
        elsewhere = alone.ask(BETA, target)
        assert elsewhere.status == 503
        assert text not in elsewhere.text

    def test_of_the_two_releases_the_one_in_use_comes_first(self, alone: Front) -> None:
        for more in ({}, {"Authorization": "Bearer x"}):
            assert alone.ask(ALPHA, "/sitemap.xml", **more).text == "<urlset/>"

    @pytest.mark.parametrize(
        ("view", "text", "language"),
        [
            ("", "什么还能用 甲县", "zh-CN"),
            ("hant", "什麼還能用 甲縣", "zh-Hant"),
            ("elder-hant", "什么还能用 甲县", "zh-CN"),
        ],
    )
    def test_the_words_say_their_own_language(self, view: str, text: str, language: str, alone: Front) -> None:
        answer = alone.ask(ALPHA, "/search/?q=a", Cookie=f"{VIEW_COOKIE}={view}")
        assert (answer.status, answer.text) == (503, text)
        assert answer.headers["content-language"] == language
        assert answer.headers["retry-after"] == "30"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"]

    def test_the_words_of_the_last_release_do(self, alone: Front) -> None:
        answer = alone.ask(GAMMA, "/search/?q=a", Cookie=f"{VIEW_COOKIE}=hant")
        assert (answer.status, answer.text) == (503, "什么还能用 丙区")
        assert answer.headers["content-language"] == "zh-CN"

    @pytest.mark.parametrize(("method", "target"), [("GET", "/search/?q=a"), ("POST", "/tzgg/"), ("POST", "/old/")])
    def test_the_rest_hears_what_still_works(self, method: str, target: str, alone: Front) -> None:
        answer = alone.ask(ALPHA, target, method=method)
        assert (answer.status, answer.text) == (503, "什么还能用 甲县")
        assert answer.headers["retry-after"] == "30"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"]

    def test_a_host_without_such_a_page_gets_none_of_another(self, alone: Front) -> None:
        answer = alone.ask(BETA, "/search/?q=a")
        assert answer.status == 503
        assert "甲县" not in answer.text
