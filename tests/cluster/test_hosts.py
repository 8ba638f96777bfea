"""From host to site: what a request may say of its host, and what an unknown host learns (nothing)."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from cluster.context import current_site
from cluster.subsites.models import Domain, Subsite
from cluster.subsites.services import add_domain

ClientFor = Callable[[Subsite], Client]


def _title(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


# ---- hosts that lead somewhere


@pytest.mark.parametrize(
    "host",
    [
        "alpha.localhost",
        "ALPHA.LocalHost",
        "alpha.localhost.",
        "alpha.localhost:80",
        "alpha.localhost:8000",
        "Alpha.localhost.:1",
    ],
)
def test_spellings_of_one_host(host: str, alpha: Subsite, beta: Subsite) -> None:
    answer = Client(HTTP_HOST=host).get("/")
    assert answer.status_code == 200
    assert alpha.name in _title(answer)
    assert beta.name not in _title(answer)


def test_each_host_leads_to_its_site(alpha: Subsite, beta: Subsite, client_for: ClientFor) -> None:
    for site, other in ((alpha, beta), (beta, alpha), (alpha, beta)):
        shown = _title(client_for(site).get("/"))
        assert site.name in shown
        assert other.name not in shown
        assert (connection.schema_name, current_site()) == ("public", None)


def test_a_second_domain_leads_to_the_same_site(alpha: Subsite) -> None:
    assert Client(HTTP_HOST="jia.localhost").get("/").status_code == 404
    add_domain(alpha, "jia.localhost")
    answer = Client(HTTP_HOST="jia.localhost").get("/")
    assert answer.status_code == 200
    assert alpha.name in _title(answer)


def test_a_chinese_domain_is_asked_in_its_dns_form(alpha: Subsite) -> None:
    add_domain(alpha, "甲县.政务")
    assert Domain.objects.filter(tenant=alpha, domain__startswith="xn--").exists()
    host = Domain.objects.get(tenant=alpha, domain__startswith="xn--").domain
    assert Client(HTTP_HOST=host).get("/").status_code == 200


# ---- hosts that lead nowhere: 404, the same page for all, without a hint of others

UNKNOWN = [
    "unknown.localhost",
    "localhost",
    "127.0.0.1",
    "127.0.0.1:8000",
    "[::1]",
    "[::1]:8000",
    "[::ffff:127.0.0.1]",
    "site-alpha.localhost",
    "public",
    "public.localhost",
    "base-county.localhost",
    "alpha",
    "alpha.localhost.evil.com",
    "evil.alpha.localhost",
    "xalpha.localhost",
    "alpha.localhostx",
    "a" * 250 + ".cn",
    ".alpha.localhost",
    "alpha..localhost",
]
MALFORMED = [
    "site_alpha",
    "alpha.localhost:port",
    "alpha.localhost:80:80",
    "alpha.localhost:80@evil.com",
    "user@alpha.localhost",
    "user:password@alpha.localhost",
    "alpha.localhost/",
    "alpha.localhost/admin",
    "alpha.localhost?x",
    "alpha.localhost#x",
    "alpha.localhost,beta.localhost",
    "alpha.localhost beta.localhost",
    "alpha.localhost\r\nX-Evil: 1",
    "alpha.localhost\n",
    "alpha.localhost\x00",
    "alpha.localhost\t",
    "alpha_.localhost",
    "alph\u00e4.localhost",
    "http://alpha.localhost",
    "[::1",
    "[alpha.localhost]",
    "*",
    "%",
    "alpha.localhost%00",
    "'; DROP SCHEMA site_alpha; --",
    "..",
    "",
]
NAMES = ("alpha", "beta", "甲县", "乙市", "site_", "控制台", "console")


@pytest.mark.django_db
@pytest.mark.parametrize("host", UNKNOWN)
def test_an_unknown_host_learns_nothing(host: str) -> None:
    answer = Client(HTTP_HOST=host).get("/")
    assert answer.status_code == 404
    _is_mute(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("host", MALFORMED)
def test_a_malformed_host_is_refused(host: str) -> None:
    answer = Client(HTTP_HOST=host).get("/")
    assert answer.status_code in {400, 404}
    _is_mute(answer)


def _is_mute(answer: object) -> None:
    shown = _title(answer) + str(answer.headers)  # type: ignore[attr-defined]
    assert not any(name in shown for name in NAMES)
    assert "X-Evil" not in answer.headers  # type: ignore[attr-defined]
    assert connection.schema_name == "public"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin/",
        "/admin/login/",
        "/static/a.css",
        "/media/site_alpha/images/a.png",
        "/api/search/",
        "/search/",
        "/dtyw/",
    ],
)
def test_no_path_of_an_unknown_host_answers(path: str) -> None:
    client = Client(HTTP_HOST="unknown.localhost")
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
    _is_mute(client.get(path))


@pytest.mark.django_db
def test_all_unknown_hosts_get_one_page() -> None:
    """No host, however near to a known one, gets another answer than one that is far away."""
    pages = {Client(HTTP_HOST=host).get("/").content for host in UNKNOWN}
    assert len(pages) == 1


# ---- other ways to name a host


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_FORWARDED_HOST": "beta.localhost"},
        {"HTTP_X_HOST": "beta.localhost"},
        {"HTTP_FORWARDED": "host=beta.localhost"},
        {"HTTP_X_ORIGINAL_HOST": "beta.localhost"},
        {"SERVER_NAME": "beta.localhost"},
        {"HTTP_X_FORWARDED_FOR": "beta.localhost", "REMOTE_HOST": "beta.localhost"},
    ],
)
def test_only_the_host_header_counts(headers: dict[str, str], alpha: Subsite, beta: Subsite) -> None:
    shown = _title(Client(HTTP_HOST="alpha.localhost").get("/", **headers))
    assert alpha.name in shown
    assert beta.name not in shown
    assert "beta.localhost" not in shown


@pytest.mark.parametrize(
    "path", ["http://beta.localhost/", "//beta.localhost/", "/http://beta.localhost/", "/\\beta.localhost/"]
)
def test_a_host_in_the_path_counts_for_nothing(path: str, alpha: Subsite, beta: Subsite) -> None:
    """An absolute address in the request line is a path that this site does not have, or its own home page."""
    answer = Client(HTTP_HOST="alpha.localhost").generic("GET", "/", PATH_INFO=path)
    assert beta.name not in _title(answer)
    assert "beta.localhost" not in answer.headers.get("Location", "")
    assert answer.status_code in {200, 301, 302, 404}


def test_a_strange_port_does_not_reach_the_links_of_a_page(alpha: Subsite) -> None:
    """Links to the site come from its record: a poisoned header is not written into a page that may be cached."""
    shown = _title(Client(HTTP_HOST="alpha.localhost:6666").get("/"))
    assert ":6666" not in shown


def test_a_redirect_stays_on_the_host(alpha: Subsite) -> None:
    answer = Client(HTTP_HOST="alpha.localhost").get("/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_the_console_has_no_pages_and_sites_no_console(alpha: Subsite, console: Subsite, client_for: ClientFor) -> None:
    assert client_for(console).get("/").status_code == 302
    for path in ("/search/", "/api/search/", "/sitemap.xml", "/dtyw/"):
        answer = client_for(console).get(path)
        assert answer.status_code == 404, path
        assert "没有这个页面" in _title(answer)
    assert client_for(console).get("/admin/login/").status_code == 200
    assert client_for(alpha).get("/admin/login/").status_code == 200
