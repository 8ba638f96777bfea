"""What is stored and what never is: each refusal beside its allowed twin, with two sites."""

import gzip
import sqlite3
from pathlib import Path

import brotli
import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import include, path
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.models import PageViewRestriction

from cluster.context import in_site
from cluster.edge import recording
from cluster.edge.headers import headers_of
from cluster.edge.variants import Variant
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.edging import Front
from tests.support.pages import address_of


@pytest.mark.parametrize(
    ("where", "media_class"),
    [
        ("/", "html"),
        ("/dtyw/", "html"),
        ("/dtyw/rss/", "rss"),
        ("/sitemap/", "html"),
        ("/sitemap.xml", "xml"),
        ("/robots.txt", "txt"),
        ("/dtyw/?page=2", "html"),
    ],
)
def test_public_pages_are_rendered_once(
    edge: Front, alpha: Subsite, beta: Subsite, where: str, media_class: str
) -> None:
    for number in range(21):
        publish_article(alpha, f"第{number}条")
    rendered, stored = edge.get(alpha, where), edge.get(alpha, where)
    assert (rendered.status, rendered.from_store, stored.from_store) == (200, False, True)
    assert stored.body == rendered.body
    expected = headers_of(media_class, Variant.NORMAL)
    assert {name: rendered.headers[name] for name in expected} == expected
    assert {name: stored.headers[name] for name in expected} == expected
    beyond = {"ETag", "Last-Modified", "Accept-Ranges", "Content-Length"}
    assert set(stored.headers) - beyond == set(rendered.headers) - beyond == set(expected)
    assert edge.paths(beta) == set()


def test_an_item_is_stored_for_its_own_site_alone(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    address = address_of(alpha, publish_article(alpha, "甲县的消息"))
    assert "甲县的消息" in edge.get(alpha, address).text
    assert edge.get(alpha, address).from_store
    assert (edge.get(beta, address).status, edge.get(beta, address).from_store) == (404, False)
    assert edge.paths(beta) == set()


def test_a_copy_lies_beside_its_compressed_siblings(edge: Front, alpha: Subsite) -> None:
    body = edge.get(alpha).body
    plain = Path(edge.store.root, "current", alpha.primary_host, "n", "index.html")
    assert plain.read_bytes() == body
    assert gzip.decompress(Path(f"{plain}.gz").read_bytes()) == body
    assert brotli.decompress(Path(f"{plain}.br").read_bytes()) == body
    assert [path.name for path in plain.parent.iterdir() if path.name.startswith(".")] == []


# ---- requests that are answered and not stored


@pytest.mark.parametrize(
    "asked",
    [
        {"path": "/?utm_source=x"},
        {"path": "/?page=2"},
        {"path": "/dtyw/?page=1"},
        {"path": "/dtyw/?page=01"},
        {"path": "/dtyw/?page=abc"},
        {"path": "/dtyw/?page=2&page=3"},
        {"path": "/dtyw/?p=2"},
        {"path": "/search/?q=x"},
        {"path": "/search/"},
        {"path": "/nichts/"},
        {"path": "/admin/login/"},
        {"method": "HEAD"},
        {"method": "POST"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_COOKIE": "sessionid=abc"},
        {"HTTP_COOKIE": "qz_view=elder; csrftoken=abc"},
    ],
    ids=str,
)
def test_whatever_else_is_asked_is_not_stored(edge: Front, alpha: Subsite, asked: dict[str, str]) -> None:
    edge.get(alpha, **({"path": "/"} | asked))  # type: ignore[arg-type]
    assert edge.paths(alpha) == set()
    edge.get(alpha, "/")
    assert edge.paths(alpha) == {"/"}


def test_a_site_on_trial_is_not_stored(edge: Front, alpha: Subsite, beta: Subsite) -> None:
    Subsite.objects.filter(pk=alpha.pk).update(state="trial")
    assert edge.get(alpha).headers["X-Robots-Tag"] == "noindex"
    edge.get(beta)
    assert (edge.paths(alpha), edge.paths(beta)) == (set(), {"/"})


def test_restricted_pages_are_not_stored(edge: Front, alpha: Subsite) -> None:
    page = publish_article(alpha, "只给本站人员")
    with in_site(alpha):
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    edge.get(alpha, address_of(alpha, page))
    lists = [edge.get(alpha, path).text for path in ("/", "/dtyw/", "/sitemap.xml")]
    assert edge.paths(alpha) == {"/", "/dtyw/", "/sitemap.xml"}
    assert not any("只给本站人员" in text or address_of(alpha, page) in text for text in lists)
    public = publish_article(alpha, "给所有人")
    edge.get(alpha, address_of(alpha, public))
    assert address_of(alpha, public) in edge.paths(alpha)


def test_signed_in_staff_see_a_fresh_page_and_leave_none(edge: Front, alpha: Subsite) -> None:
    page = publish_article(alpha, "只给本站人员")
    with in_site(alpha):
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
        user = get_user_model().objects.create_user("wang", password="x")
        client = Client(HTTP_HOST=alpha.primary_host)
        client.force_login(user)
    assert "只给本站人员" in client.get(address_of(alpha, page)).content.decode()
    assert client.get("/").status_code == 200
    assert edge.paths(alpha) == set()


# ---- answers that a view wanted stored and that are not


def _page(request: HttpRequest) -> HttpResponse:
    recording.storable(["page"])
    return HttpResponse("<p>同一页</p>")


def _with_cookie(request: HttpRequest) -> HttpResponse:
    response = _page(request)
    response.set_cookie("seen", "1")
    return response


def _with_session(request: HttpRequest) -> HttpResponse:
    request.session.get("anything")
    return _page(request)


def _with_token(request: HttpRequest) -> HttpResponse:
    get_token(request)
    return _page(request)


def _with_header(request: HttpRequest) -> HttpResponse:
    response = _page(request)
    response["X-Person"] = "张三"
    return response


def _private(request: HttpRequest) -> HttpResponse:
    response = _page(request)
    response["Cache-Control"] = "private"
    return response


def _varying(request: HttpRequest) -> HttpResponse:
    response = _page(request)
    response["Vary"] = "User-Agent"
    return response


def _refused(request: HttpRequest) -> HttpResponse:
    recording.never_store("按编号查询的信件")
    return _page(request)


def _gone(request: HttpRequest) -> HttpResponse:
    _page(request)
    return HttpResponse("没有", status=410)


REFUSED = {
    view.__name__.strip("_"): view
    for view in (_with_cookie, _with_session, _with_token, _with_header, _private, _varying, _refused, _gone)
}
urlpatterns = [
    path("allowed/", _page),
    *(path(f"{name}/", view) for name, view in REFUSED.items()),
    path("", include("cluster.urls.site")),
]


@pytest.mark.parametrize("name", REFUSED)
def test_answers_that_are_not_everybodys_are_not_stored(
    edge: Front, alpha: Subsite, name: str, settings: Settings
) -> None:
    settings.ROOT_URLCONF = __name__
    edge.get(alpha, f"/{name}/")
    edge.get(alpha, "/allowed/")
    assert edge.paths(alpha) == {"/allowed/"}


def test_an_answer_that_was_not_stored_keeps_its_own_headers(edge: Front, alpha: Subsite, settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    assert edge.get(alpha, "/private/").headers["Cache-Control"] == "private"


# ---- a store that fails costs the visitor nothing


@pytest.mark.parametrize(
    "broken",
    ["cluster.edge.store.Store.write", "cluster.edge.index.Index.position", "cluster.edge.middleware.page_store"],
)
def test_a_store_that_fails_is_logged_and_passed_over(
    edge: Front, alpha: Subsite, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(broken, fail)
        assert edge.get(alpha).status == 200
    assert "页面存储" in caplog.text
    assert edge.paths(alpha) == set()
    edge.get(alpha)
    assert edge.paths(alpha) == {"/"}


def test_the_store_can_be_turned_off(
    edge: Front, alpha: Subsite, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    edge.get(alpha)
    assert edge.get(alpha).from_store
    settings.EDGE_ENABLED = False
    off = Front()
    assert not off.get(alpha).from_store
    assert not edge.get(alpha).from_store, "whoever still runs with it finds nothing any more"


def test_an_answer_from_the_store_asks_no_database(
    edge: Front, alpha: Subsite, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    edge.get(alpha)
    with django_assert_num_queries(0):
        assert edge.get(alpha).from_store
