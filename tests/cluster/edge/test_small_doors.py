"""The addresses beside the pages, attacked: /view/, /form-token/, /down/; and the layer in front, by odd spellings on the wire."""

import re
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client

from cluster.edge.locks import page_lock
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.edging import Front
from tests.support.pages import address_of

ELSEWHERE = [
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "https://evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    "\x00//evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "?next=//evil.example",
    "",
]


class TestChoosing:
    @pytest.mark.parametrize("target", ELSEWHERE, ids=ascii)
    def test_it_leads_nowhere_else(self, alpha: Subsite, beta: Subsite, target: str) -> None:
        for site in (alpha, beta):
            answer = Client(HTTP_HOST=site.primary_host).get("/view/", {"as": "elder", "next": target})
            assert (answer.status_code, answer["Location"]) == (302, "/")

    @pytest.mark.parametrize(
        "target", ["/dtyw/", "/dtyw/?page=2", "/search/?q=%E5%8A%9E&page=2", "/view/?as=hant&next=/", "/"]
    )
    def test_it_leads_back_to_the_page(self, alpha: Subsite, target: str) -> None:
        answer = Client(HTTP_HOST=alpha.primary_host).get("/view/", {"as": "elder", "next": target})
        assert answer["Location"] == target

    @pytest.mark.parametrize(
        "target", ["/dtyw/\r\nSet-Cookie: a=b", "/dtyw/\nX-Evil: 1", "/%0d%0aX-Evil:%201", "/\u2028x"]
    )
    def test_no_header_is_slipped_in(self, alpha: Subsite, target: str) -> None:
        answer = Client(HTTP_HOST=alpha.primary_host).get("/view/", {"as": "elder", "next": target})
        assert set(answer.cookies) == {"qz_view"}
        assert "X-Evil" not in answer
        assert not re.search(r"[\r\n]", answer["Location"])

    @pytest.mark.parametrize(
        "wish", ["Elder", "e", "elder; Domain=evil.example", "elder\r\nX-Evil: 1", "../e", "x" * 5000]
    )
    def test_the_cookie_says_one_of_four_things(self, alpha: Subsite, wish: str) -> None:
        answer = Client(HTTP_HOST=alpha.primary_host).get("/view/", {"as": wish, "next": "/"})
        assert answer.cookies["qz_view"].value == ""
        assert answer.cookies["qz_view"]["domain"] == ""
        assert "X-Evil" not in answer
        allowed = Client(HTTP_HOST=alpha.primary_host).get("/view/", {"as": "elder-hant", "next": "/"})
        assert allowed.cookies["qz_view"].value == "elder-hant"
        assert allowed.cookies["qz_view"]["httponly"]

    def test_it_is_never_stored_and_only_read(self, edge: Front, alpha: Subsite) -> None:
        for query in ("", "?as=elder", "?as=elder&next=/dtyw/", "?page=2"):
            answer = edge.get(alpha, f"/view/{query}")
            assert (answer.status, answer.from_store) == (302, False)
            assert "no-store" in answer.headers["Cache-Control"]
        assert edge.get(alpha, "/view/?as=elder", method="POST").status in {403, HTTPStatus.METHOD_NOT_ALLOWED}
        assert edge.paths(alpha) == set()


class TestFormToken:
    def test_each_visitor_has_a_token_that_nobody_keeps(self, edge: Front, alpha: Subsite) -> None:
        answers = [edge.get(alpha, "/form-token/") for _ in range(2)]
        assert answers[0].body != answers[1].body
        for answer in answers:
            assert (answer.status, answer.from_store) == (200, False)
            assert "no-store" in answer.headers["Cache-Control"]
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "SameSite=Lax" in answer.headers["Set-Cookie"]
            assert "Domain=" not in answer.headers["Set-Cookie"]
        assert edge.paths(alpha) == set()

    def test_no_other_site_may_read_it(self, edge: Front, alpha: Subsite, beta: Subsite) -> None:
        for origin in ("https://evil.example", f"http://{beta.primary_host}", "null"):
            answer = edge.get(alpha, "/form-token/", HTTP_ORIGIN=origin)
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert edge.get("evil.example", "/form-token/").status == 404

    def test_it_is_only_read(self, edge: Front, alpha: Subsite) -> None:
        client = Client(HTTP_HOST=alpha.primary_host)
        assert client.post("/form-token/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
        assert client.get("/form-token/", HTTP_X_HTTP_METHOD_OVERRIDE="POST").status_code == 200


class TestDown:
    def test_it_is_an_ordinary_page_of_the_site(self, edge: Front, alpha: Subsite, beta: Subsite) -> None:
        for site, other in ((alpha, beta), (beta, alpha)):
            answer = edge.get(site, "/down/", HTTP_X_FORWARDED_HOST=other.primary_host)
            assert answer.status == 200
            assert other.name not in answer.text
        assert edge.paths(alpha) == edge.paths(beta) == {"/down/"}

    def test_nothing_that_was_asked_stands_in_it(self, edge: Front, alpha: Subsite) -> None:
        for query in ("?q=<script>", "?next=//evil.example", "?page=2"):
            text = edge.get(alpha, f"/down/{query}").text
            assert "//evil" not in text
            assert "<script>" not in text
        assert edge.paths(alpha) == set()
        assert edge.get("evil.example", "/down/").status == 404


class TestTheLayerInFront:
    @pytest.mark.parametrize(
        "path",
        [
            "/../index.sqlite3",
            "/../../../etc/passwd",
            "/dtyw/../",
            "/./",
            "//",
            "/dtyw//",
            "/dtyw\\",
            "/dtyw/\x00",
            "/dtyw/index.html",
            "/index.html",
            "/index.html.gz",
            "/dtyw/.draft-1",
            "/%2e%2e/index.sqlite3",
            "/%2fetc/passwd",
            "/current/",
            "/alpha.localhost/n/",
            "/dtyw;page=2/",
            "*",
            "http://beta.localhost/",
        ],
        ids=ascii,
    )
    def test_odd_paths_are_answered_by_nobody_s_copy(
        self, edge: Front, alpha: Subsite, beta: Subsite, path: str
    ) -> None:
        for site in (alpha, beta):
            for stored in ("/", "/dtyw/"):
                edge.get(site, stored)
        Path(edge.store.root, "secret").write_text("secret")
        answer = edge.get(alpha, path)
        assert answer.from_store is False
        assert answer.status in {301, 302, 400, 404}
        assert b"SQLite" not in answer.body
        assert edge.paths(alpha) == {"/", "/dtyw/"}
        assert edge.get(alpha, "/dtyw/").from_store

    @pytest.mark.parametrize(
        "host",
        [
            "alpha.localhost/../beta.localhost",
            "../alpha.localhost",
            "alpha.localhost, beta.localhost",
            "beta.localhost@alpha.localhost",
            "alpha.localhost:80:80",
            "alpha.localhost:x",
            "alpha.localhost..",
            "alpha.localhost\x00",
            "alpha.localhost#",
            "[::1]",
            "..",
            "",
        ],
        ids=ascii,
    )
    def test_malformed_hosts_are_nobody(self, edge: Front, alpha: Subsite, host: str) -> None:
        edge.get(alpha, "/")
        answer = edge.get(host, "/")
        assert answer.status in {400, 404}
        assert alpha.name not in answer.text
        assert {entry.address.host for entry in edge.store.index.entries_of()} == {alpha.primary_host}

    @pytest.mark.parametrize(
        "cookie", ["qz_view=elder; qz_view=hant", 'qz_view="elder"', "qz_view=elder, qz_view=hant", "QZ_VIEW=elder"]
    )
    def test_cookies_told_twice_or_oddly_leave_the_right_copies(self, edge: Front, alpha: Subsite, cookie: str) -> None:
        path = address_of(alpha, publish_article(alpha, "发展规划"))
        edge.get(alpha, path, HTTP_COOKIE=cookie)
        for chosen, mark, word in (("", "", "发展"), ("elder", 'data-view="elder"', "发展"), ("hant", "", "發展")):
            for _ in range(2):
                text = edge.get(alpha, path, HTTP_COOKIE=f"qz_view={chosen}").text
                assert word in text
                assert mark in text
                assert bool(mark) is ("data-view" in text)

    @pytest.mark.parametrize(
        "headers",
        [
            {"HTTP_X_HOST": "beta.localhost"},
            {"HTTP_X_FORWARDED_SERVER": "beta.localhost"},
            {"HTTP_X_ORIGINAL_HOST": "beta.localhost"},
            {"HTTP_X_FORWARDED_SCHEME": "https"},
            {"HTTP_X_METHOD_OVERRIDE": "DELETE"},
            {"HTTP_X_HTTP_METHOD": "DELETE"},
            {"HTTP_X_ACCEL_REDIRECT": "/-uploads/x"},
            {"HTTP_X_SENDFILE": "/etc/passwd"},
            {"HTTP_X_WAGTAIL_SITE": "2"},
            {"HTTP_ORIGIN": "https://evil.example"},
            {"HTTP_CACHE_CONTROL": "no-store"},
            {"HTTP_PRAGMA": "no-cache"},
            {"HTTP_IF_NONE_MATCH": "*"},
            {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
        ],
        ids=str,
    )
    def test_no_header_of_a_visitor_shapes_the_copy(self, edge: Front, alpha: Subsite, headers: dict[str, str]) -> None:
        plain = edge.get(alpha, "/dtyw/").body
        edge.store.purge()
        assert edge.get(alpha, "/dtyw/", **headers).body in {plain, b""}
        stored = edge.get(alpha, "/dtyw/")
        assert stored.body == plain
        assert edge.paths(alpha) == {"/dtyw/"}

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
    def test_other_methods_get_no_copy_and_leave_none(self, edge: Front, alpha: Subsite, method: str) -> None:
        assert edge.get(alpha, "/dtyw/", method=method, HTTP_X_HTTP_METHOD_OVERRIDE="GET").from_store is False
        assert edge.paths(alpha) == set()
        edge.get(alpha, "/dtyw/")
        assert edge.get(alpha, "/dtyw/", method=method).from_store is False
        assert edge.get(alpha, "/dtyw/").from_store

    def test_addresses_without_end_make_no_locks_without_end(self, tmp_path: Path) -> None:
        assert len({_lock(tmp_path, number) for number in range(20_000)}) <= 4096

    def test_nobody_outside_knows_which_addresses_share_a_lock(self, tmp_path: Path) -> None:
        here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
        with ThreadPoolExecutor(4) as pool:
            first = list(pool.map(lambda _: _lock(here, 1), range(8)))
        assert set(first) == {_lock(here, 1)}, "all who share the store agree, also those who come first together"
        assert [path.name for path in (here / "locks").iterdir()] == ["key"]
        assert [_lock(here, number) for number in range(50)] != [_lock(elsewhere, number) for number in range(50)]


def _lock(root: Path, number: int) -> str:
    return page_lock(root, "alpha.localhost", f"/{number}/", "", "n")
