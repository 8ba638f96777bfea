"""Addresses, methods, headers and cookies that nginx might read otherwise than the product does."""

import pytest

from cluster.edge.addresses import canonical, file_of
from cluster.edge.headers import CLASSES
from tests.cluster.edge.nginx.shelves import ALPHA, BETA, Shelves
from tests.support.front import Front

# Host header, target, as they stand on the wire.
ODD = [
    (ALPHA, "/tzgg/?page=2"),
    (ALPHA, "/tzgg/?"),
    (ALPHA.upper(), "/tzgg/"),
    (f"{ALPHA}:8080", "/tzgg/"),
    (f"{ALPHA}.", "/tzgg/"),
    (ALPHA, "/sitemap.xml?p=2"),
    (ALPHA, "/tzgg/?page=1"),
    (ALPHA, "/tzgg/?page=02"),
    (ALPHA, "/tzgg/?page=2&a=1"),
    (ALPHA, "/tzgg/?page=2%20"),
    (ALPHA, "/tzgg/?PAGE=2"),
    (ALPHA, "/tzgg/?page=123456"),
    (ALPHA, "/tzgg/?utm=1"),
    (ALPHA, "/tzgg"),
    (ALPHA, "/TZGG/"),
    (ALPHA, "//tzgg/"),
    (ALPHA, "/tzgg//"),
    (ALPHA, "/./tzgg/"),
    (ALPHA, "/x/../tzgg/"),
    (ALPHA, "/%74zgg/"),
    (ALPHA, "/tzgg/%2e%2e/tzgg/"),
    (ALPHA, "/tzgg%2f"),
    (ALPHA, "/tzgg/index.html"),
    (ALPHA, "/tzgg/;page=2/"),
    (ALPHA, "/index;page=2"),
    (ALPHA, "/robots.txt?page=2"),
    (ALPHA, "/Robots.txt"),
    (ALPHA, "/../index.sqlite3"),
    (ALPHA, "/current/"),
    (ALPHA, "/../../secret-key"),
    (ALPHA, "/-down/"),
    (ALPHA, "/-down/page"),
    (ALPHA, "/-down/words"),
    (ALPHA, "/-uploads/"),
    (ALPHA, "/index.html"),
    (ALPHA, "/tzgg/index.html.gz"),
    (ALPHA, "/tzgg\\"),
    (ALPHA, "/tzgg/%00"),
    (ALPHA, "/tzgg/#"),
    (ALPHA, "/tzgg/?page=2#x"),
    (ALPHA, "/tzgg/%3fpage=2"),
    (ALPHA, "/tzgg/?page=2?"),
    (ALPHA, "/tzgg/rss"),
    (ALPHA, "/tzgg/RSS/"),
    (ALPHA, "/sitemap.xml/"),
    (ALPHA, "/view/?next=//evil.example"),
    (ALPHA, "/form-token/"),
    (ALPHA, "/down/"),
    (ALPHA, "/down/?q=x"),
    (ALPHA, "/-/none"),
    (f"{ALPHA}/../{BETA}", "/"),
    (f"..{ALPHA}", "/"),
    (f"x@{ALPHA}", "/"),
    ("", "/"),
    ("..", "/"),
    ("-", "/"),
    ("[::1]", "/"),
    (f"{ALPHA} ", "/tzgg/"),
]


@pytest.mark.parametrize(("host", "target"), ODD)
def test_the_store_answers_where_the_product_says_so_and_nowhere_else(
    host: str, target: str, front: Front, shelves: Shelves
) -> None:
    answer = front.ask(host, target)
    path, _, query = target.partition("?")
    address = canonical(host.strip(), path, query, "n")
    kept = address and any((shelves.root / "current" / file_of(address, name)).is_file() for name in CLASSES)
    assert (answer.status == 200 and not answer.by_app) is bool(kept), (answer.status, answer.text[:80])
    assert "secret" not in answer.text
    if not kept:
        assert answer.by_app or answer.status in {400, 404}


@pytest.mark.parametrize("target", ["/tzgg//", "/%74zgg/", "/./neu/", "/neu/?q=%E5%85%AC&a=/../b", "/tzgg/?utm=1"])
def test_the_application_hears_the_address_as_it_was_written(target: str, front: Front) -> None:
    assert front.ask(ALPHA, target).text == f"GET {ALPHA}:{front.port} {target}"


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_other_methods_are_the_applications(method: str, front: Front) -> None:
    assert front.ask(ALPHA, "/tzgg/", method=method).text == f"{method} {ALPHA}:{front.port} /tzgg/"


def test_who_shows_papers_is_answered_by_the_application(front: Front) -> None:
    assert front.ask(ALPHA, "/tzgg/", Authorization="Bearer x").by_app


HEADERS = {
    "X_Forwarded_Host": BETA,
    "X_Host": BETA,
    "X_Original_Host": BETA,
    "X_Forwarded_Server": BETA,
    "Forwarded": f"host={BETA}",
    "X_Original_URL": "/",
    "X_Rewrite_URL": "/",
    "X_HTTP_Method_Override": "POST",
    "X_Method_Override": "DELETE",
    "X_Accel_Redirect": "/-uploads/site_alpha/documents/a",
    "X_Sendfile": "/etc/passwd",
    "Accept": "application/json",
    "Accept_Language": "de",
    "Cache_Control": "no-store",
    "Pragma": "no-cache",
    "Expect": "100-continue",
    "Transfer_Encoding": "identity",
}


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_leads_to_another_page(header: str, front: Front) -> None:
    answer = front.ask(ALPHA, "/tzgg/", **{header: HEADERS[header]})
    assert answer.text == "公告" or (answer.status in {400, 501} and not answer.by_app)


def test_the_application_hears_nothing_that_a_visitor_says_of_himself(front: Front) -> None:
    """Address, host and scheme of the visitor are nginx's to say."""
    forged = {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Host": BETA, "X_Forwarded_Proto": "https"}
    assert front.ask(ALPHA, "/zcwj/", **forged).headers["x-heard"] == "127.0.0.1 - http"
    assert front.ask(ALPHA, "/zcwj/").headers["x-heard"] == "127.0.0.1 - http"


@pytest.mark.parametrize(
    "cookie", ["sessionid=x", "a=b; c=d", "qz_view=elder2", ";;;==", "qz_view=../../e", "x" * 4000]
)
def test_cookies_of_ones_own_get_what_everybody_gets(cookie: str, front: Front) -> None:
    answer = front.ask(ALPHA, "/tzgg/", Cookie=cookie)
    assert (answer.status, answer.text, answer.by_app) == (200, "公告", False)
    assert "set-cookie" not in answer.headers


def test_a_whole_address_in_the_first_line_is_that_of_its_own_site(front: Front) -> None:
    answer = front.ask(ALPHA, f"http://{BETA}/")
    assert answer.text in {"乙市首页", f"GET {BETA}:{front.port} /"} or answer.status == 400


def test_addresses_without_end_leave_nothing(front: Front, shelves: Shelves) -> None:
    before = sorted(shelves.root.rglob("*"))
    for number in range(2, 60):
        assert front.ask(ALPHA, f"/tzgg/?page={number + 1000}").by_app
        assert front.ask(ALPHA, f"/nichts-{number}/?x={number}").by_app
        assert front.ask(f"x{number}.localhost", "/").by_app
    assert sorted(shelves.root.rglob("*")) == before
