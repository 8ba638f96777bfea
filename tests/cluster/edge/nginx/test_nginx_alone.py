"""nginx whose application does not answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.launcher.elasticsearch import free_port
from tests.cluster.edge.nginx.shelves import ALPHA, BETA, Shelves
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
