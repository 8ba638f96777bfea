"""The attack surface of the store: no address leaves its folder, none shares a copy, no visitor shapes what others see."""

import os
import time
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings
from wagtail.models import Page

from cluster.context import in_site
from cluster.edge import keys
from cluster.edge.addresses import canonical, file_of
from cluster.edge.entries import Address, Touch
from cluster.edge.rendering import render
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.edging import Front
from tests.support.pages import address_of

HOST = "alpha.localhost"


# ---- addresses: what is canonical, what is nobody's copy


@pytest.mark.parametrize(
    "path",
    [
        "/../etc/passwd",
        "/dtyw/../../index.sqlite3",
        "/dtyw/..",
        "/./",
        "//",
        "//dtyw/",
        "/dtyw//",
        "/dtyw",
        "dtyw/",
        "",
        "/dtyw/index.html",
        "/dtyw/index;page=2.html",
        "/dtyw/\x00/",
        "/dtyw\\..\\/",
        "/%2e%2e/",
        "/dtyw/\n",
        "/动态/",
        "/ＤＴＹＷ/",
        "/.draft-1/",
        "/sitemap.xml/",
        "/Robots.txt",
        "/locks/page-1",
        "/" + "a" * 201 + "/",
        "/" + "a/" * 13,
        "/admin/",
        "/search/",
        "/documents/1/",
        "/media/site_alpha/",
        "/static/common/",
        "/form-token/",
        "/view/",
        "/api/v3/",
    ],
    ids=ascii,
)
def test_odd_paths_have_no_copy(path: str) -> None:
    assert canonical(HOST, path, "", "n") is None


@pytest.mark.parametrize("path", ["/", "/dtyw/", "/DTYW/", "/dtyw/rss/", "/a-b_c/1/", "/robots.txt", "/sitemap.xml"])
def test_plain_paths_have_one_each(path: str) -> None:
    address = canonical(HOST, path, "", "n")
    assert address == Address(HOST, path, "", "n")


def test_no_two_addresses_share_a_file() -> None:
    addresses = [
        *(("/dtyw/", query) for query in ("", "page=2", "page=22", "p=2")),
        *(("/sitemap.xml", query) for query in ("", "p=1")),
        *((path, "") for path in ("/", "/Dtyw/", "/dtyw/index/", "/robots.txt", "/robots/", "/sitemap/")),
    ]
    found = {
        file_of(canonical(HOST, path, query, variant), media_class)
        for path, query in addresses
        for variant in ("n", "e")
        for media_class in ("html", "rss", "xml", "txt")
    }
    assert len(found) == len(addresses) * 2 * 4
    root = Path("/store")
    assert all(os.path.normpath(root / one) == str(root / one) for one in found)


@pytest.mark.parametrize(
    "query",
    [
        "page=1",
        "page=0",
        "page=02",
        "page=-2",
        "page=2 ",
        "page=２",
        "page=2&x=1",
        "page=100000",
        "page=%32",
        "x",
        "PAGE=2",
    ],
)
def test_odd_queries_have_no_copy(query: str) -> None:
    assert canonical(HOST, "/dtyw/", query, "n") is None
    assert canonical(HOST, "/dtyw/", "page=99999", "n")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "..",
        "a/b",
        "../alpha.localhost",
        "alpha.localhost/..",
        "alpha.localhost:x",
        "-a",
        "a" * 64,
        "甲.cn",
        "a b",
        "a\x00",
        ".a",
    ],
    ids=ascii,
)
def test_malformed_hosts_have_no_copy(host: str) -> None:
    assert canonical(host, "/", "", "n") is None


@pytest.mark.parametrize("host", ["alpha.localhost", "ALPHA.localhost", "alpha.localhost:8000", "alpha.localhost."])
def test_spellings_of_a_host_are_one_host(host: str) -> None:
    address = canonical(host, "/", "", "n")
    assert address is not None
    assert address.host == HOST


# ---- requests


def test_a_poisoned_host_is_neither_believed_nor_stored(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    edge.get(
        alpha, "/", HTTP_X_FORWARDED_HOST="evil.example", HTTP_X_FORWARDED_PORT="1", HTTP_FORWARDED="host=evil.example"
    )
    assert edge.get("evil.example", "/").status == 404
    assert edge.paths(alpha) == {"/"}
    assert {entry.address.host for entry in edge.store.index.entries_of()} == {alpha.primary_host}
    assert "evil.example" not in edge.get(alpha, "/").text


@pytest.mark.parametrize("port", ["9999", "80", "443", "1"])
def test_the_port_of_who_comes_first_is_in_no_copy(edge: Front, alpha: Subsite, beta: Subsite, port: str) -> None:
    """Addresses, feeds and site maps that name the host would carry it to everybody."""
    for path in ("/", "/dtyw/", "/dtyw/rss/", "/sitemap.xml", "/robots.txt"):
        for site in (alpha, beta):
            plain = edge.get(site, path).body
            assert edge.paths(site) == {path}
            edge.store.purge()
            edge.get(f"{site.primary_host}:{port}", path)
            stored = edge.get(site, path)
            assert (stored.status, stored.from_store, stored.body) == (200, True, plain)
            edge.store.purge()


@pytest.mark.parametrize("tail", [":80@evil.example", "@evil.example", ":evil", ":", ":80:90", ":80/x", ":80#", " :80"])
def test_a_port_that_is_none_is_refused_and_leaves_nothing(edge: Front, alpha: Subsite, tail: str) -> None:
    answer = edge.get(f"{alpha.primary_host}{tail}", "/")
    assert (answer.status, edge.paths(alpha)) == (400, set())
    assert edge.get(f"{alpha.primary_host}:80", "/").status == 200
    assert edge.paths(alpha) == {"/"}
    assert "evil" not in edge.get(alpha, "/").text


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_ORIGINAL_URL": "/admin/"},
        {"HTTP_X_REWRITE_URL": "/admin/"},
        {"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_FORWARDED_PREFIX": "/evil"},
        {"HTTP_SCRIPT_NAME": "/evil"},
        {"HTTP_PATH_INFO": "/dtyw/"},
        {"HTTP_ACCEPT": "application/json"},
        {"HTTP_ACCEPT_LANGUAGE": "de"},
        {"HTTP_USER_AGENT": "<script>"},
        {"HTTP_REFERER": "http://evil.example/"},
        {"HTTP_RANGE": "bytes=0-3"},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
    ],
    ids=str,
)
def test_no_header_of_a_visitor_shapes_the_copy(edge: Front, alpha: Subsite, headers: dict[str, str]) -> None:
    plain = edge.get(alpha, "/").body
    edge.store.purge()
    edge.get(alpha, "/", **headers)
    stored = edge.get(alpha, "/")
    assert stored.from_store
    assert stored.body == plain


def test_a_page_below_a_prefix_is_nobody_elses(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    """Its links begin with the prefix; without one it is stored."""
    below = edge.get(alpha, "/", SCRIPT_NAME="/evil")
    assert (below.status, below.from_store, edge.paths(alpha)) == (200, False, set())
    edge.get(alpha, "/")
    assert (edge.paths(alpha), edge.paths(beta)) == ({"/"}, set())
    assert "/evil" not in edge.get(alpha, "/").text
    assert not edge.get(alpha, "/", SCRIPT_NAME="/evil").from_store


@pytest.mark.parametrize("path", ["/dtyw", "/DTYW/", "/Dtyw/", "//dtyw/", "/dtyw/?", "/dtyw/?utm_source=x&page=2"])
def test_other_spellings_of_an_address_make_no_copy(edge: Front, alpha: Subsite, path: str) -> None:
    edge.get(alpha, path)
    assert edge.paths(alpha) <= {"/dtyw/"}
    assert edge.get(alpha, "/dtyw/").status == 200
    assert edge.paths(alpha) == {"/dtyw/"}


def test_a_copy_answers_whatever_cookies_come(edge: Front, alpha: Subsite) -> None:
    """It is what everybody sees; a cookie of one's own neither gets another page nor makes the server work."""
    edge.get(alpha, "/")
    for cookie in ("sessionid=x", "qz_view=nonsense", "a=b; qz_view=; c=d", "qz_view=../../../etc", "\x00;;;==="):
        answer = edge.get(alpha, "/", HTTP_COOKIE=cookie)
        assert answer.from_store
        assert "Set-Cookie" not in answer.headers
    assert edge.get(alpha, "/", HTTP_AUTHORIZATION="Basic eDp5").from_store is False


def test_head_gets_the_headers_alone(edge: Front, alpha: Subsite) -> None:
    edge.get(alpha, "/")
    head, get = edge.get(alpha, "/", method="HEAD"), edge.get(alpha, "/")
    assert (head.status, head.body, head.from_store) == (200, b"", True)
    assert dict(head.headers) == dict(get.headers)


def test_conditional_requests(edge: Front, alpha: Subsite) -> None:
    edge.get(alpha, "/")
    answer = edge.get(alpha, "/")
    tag, changed = answer.headers["ETag"], answer.headers["Last-Modified"]
    for headers in (
        {"HTTP_IF_NONE_MATCH": tag},
        {"HTTP_IF_NONE_MATCH": f'"x", W/{tag}'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_MODIFIED_SINCE": changed},
        {"HTTP_IF_NONE_MATCH": tag, "HTTP_IF_MODIFIED_SINCE": "Mon, 01 Jan 2001 00:00:00 GMT"},
    ):
        found = edge.get(alpha, "/", **headers)
        assert (found.status, found.body, found.headers["ETag"]) == (304, b"", tag), headers
    for headers in (
        {"HTTP_IF_NONE_MATCH": '"x"'},
        {"HTTP_IF_NONE_MATCH": '"x"', "HTTP_IF_MODIFIED_SINCE": changed},
        {"HTTP_IF_MODIFIED_SINCE": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"HTTP_IF_MODIFIED_SINCE": "gestern"},
    ):
        assert edge.get(alpha, "/", **headers).status == 200, headers


@pytest.mark.parametrize("leaves_first", [False, True])
def test_a_copy_of_the_same_second_and_length_has_another_tag(
    edge: Front, living: tuple[Subsite, Subsite], leaves_first: bool
) -> None:
    """Whether it takes the place of the old one or comes when that is withdrawn already."""
    alpha, beta = living
    pages = {site: publish_article(site, "标题甲") for site in living}
    address = address_of(alpha, pages[alpha])
    with time_machine.travel(time.time(), tick=False):
        edge.get(alpha, address)
        before = edge.get(alpha, address)
        edge.get(beta, address_of(beta, pages[beta]))
        untouched = edge.get(beta, address_of(beta, pages[beta])).headers["ETag"]
        with in_site(alpha):
            Page.objects.filter(pk=pages[alpha].pk).update(title="标题乙")
        edge.store.touch([Touch(keys.page(alpha.schema_name, pages[alpha].pk), gone=leaves_first)])
        edge.get(alpha, address)
        if not leaves_first:
            for entry in edge.store.index.stale_entries():
                render(entry.address)
        after = edge.get(alpha, address, HTTP_IF_NONE_MATCH=before.headers["ETag"])
    assert (after.status, after.from_store, len(after.body)) == (200, True, len(before.body))
    assert "标题乙" in after.text
    assert edge.get(beta, address_of(beta, pages[beta])).headers["ETag"] == untouched


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("brx", None),
    ],
)
def test_encodings_are_what_was_asked_for(edge: Front, alpha: Subsite, accepted: str, encoding: str | None) -> None:
    edge.get(alpha, "/")
    answer = edge.get(alpha, "/", HTTP_ACCEPT_ENCODING=accepted)
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Vary"] == "Accept-Encoding, Cookie"


# ---- distinct addresses without end


def test_addresses_that_lead_nowhere_leave_nothing(edge: Front, alpha: Subsite) -> None:
    publish_article(alpha, "一条")
    for number in range(2, 12):
        assert edge.get(alpha, f"/dtyw/?page={number}").status == 404
        assert edge.get(alpha, f"/nichts-{number}/").status == 404
    assert edge.paths(alpha) == set()


def test_a_host_has_its_quota_and_no_say_over_anothers(
    edge: Front, alpha: Subsite, beta: Subsite, settings: Settings
) -> None:
    edge.get(beta, "/dtyw/")
    edge.get(alpha, "/")
    edge.get(alpha, "/dtyw/")
    (entry,) = edge.store.index.entries_at(alpha.primary_host, "/dtyw/")
    settings.EDGE_HOST_MB = entry.size * 2.5 / 1024 / 1024
    for code in ("tzgg", "zcwj", "zcjd"):
        edge.get(alpha, f"/{code}/")
    assert edge.store.index.usage()[alpha.primary_host].bytes <= entry.size * 4
    assert "/" in edge.paths(alpha), "the home page stays"
    assert "/dtyw/" not in edge.paths(alpha), "what was least recently read goes"
    assert not edge.get(alpha, "/dtyw/").from_store
    assert edge.paths(beta) == {"/dtyw/"}


def test_all_hosts_together_have_a_quota(edge: Front, alpha: Subsite, beta: Subsite, settings: Settings) -> None:
    """Whoever's page was least recently read goes, each host being far below its own quota; home pages stay."""
    edge.get(beta, "/")
    edge.get(beta, "/dtyw/")
    for path in ("/", "/dtyw/"):
        edge.get(alpha, path)
    stored = sum(usage.bytes for usage in edge.store.index.usage().values())
    settings.EDGE_TOTAL_MB = stored * 1.01 / 1024 / 1024
    edge.get(alpha, "/tzgg/")
    assert edge.paths(beta) == {"/"}, "its column was read first"
    assert edge.paths(alpha) >= {"/", "/tzgg/"}
    assert sum(usage.bytes for usage in edge.store.index.usage().values()) <= stored * 1.01
    settings.EDGE_TOTAL_MB = 20480
    edge.get(beta, "/dtyw/")
    assert edge.paths(beta) == {"/", "/dtyw/"}


def test_the_words_for_a_breakdown_stay_however_long_nobody_read_them(
    edge: Front, alpha: Subsite, beta: Subsite, settings: Settings
) -> None:
    for site in (alpha, beta):
        edge.get(site, "/down/")
        edge.get(site, "/dtyw/")
    stored = sum(usage.bytes for usage in edge.store.index.usage().values())
    settings.EDGE_HOST_MB = settings.EDGE_TOTAL_MB = stored * 0.01 / 1024 / 1024
    edge.get(alpha, "/tzgg/")
    assert edge.paths(alpha) == edge.paths(beta) == {"/down/"}, "columns go, whoever's"


def test_https_is_not_answered_over_http(edge: Front, alpha: Subsite, settings: Settings) -> None:
    """Where the installation redirects to HTTPS, the store must not answer what Django would redirect."""
    edge.get(alpha, "/")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    front = Front()
    assert front.get(alpha, "/").status == 301
    assert front.get(alpha, "/", HTTP_X_FORWARDED_PROTO="https").from_store
