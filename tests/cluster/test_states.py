"""States of a site: which page and which status citizens get, what staff can still reach, and which move is allowed."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.resources.models import Resource
from cluster.subsites.errors import InvalidSite, StateMoveRefused
from cluster.subsites.models import SiteState, Subsite
from cluster.subsites.moves import MOVES
from cluster.subsites.services import close_site, move_site, open_site, resume_site, suspend_site
from tests.support.articles import publish_article
from tests.support.people import make_user, sign_in
from tests.support.pictures import add_document, add_image

ClientFor = Callable[[Subsite], Client]


def _put(site: Subsite, state: str, **fields: object) -> None:
    """Set a state directly: how it was reached is the business of the tests of moves."""
    Subsite.objects.filter(pk=site.pk).update(state=state, **fields)


def _get(client_for: ClientFor, site: Subsite, path: str = "/") -> HttpResponse:
    return client_for(site).get(path)


# ---- what citizens get


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        (SiteState.PREPARING, 503, "正在筹备"),
        (SiteState.TRIAL, 200, ""),
        (SiteState.OPEN, 200, ""),
        (SiteState.SUSPENDED, 503, "临时下线"),
        (SiteState.CLOSED, 410, "已经下线"),
    ],
)
def test_each_state_has_its_status(
    state: str, status: int, words: str, alpha: Subsite, beta: Subsite, client_for: ClientFor
) -> None:
    """On the home page and below it; the neighbour stays as it was."""
    page = publish_article(alpha, "公告")
    _put(alpha, state)
    for path in ("/", f"/dtyw/{page.slug}/", "/dtyw/"):
        answer = _get(client_for, alpha, path)
        assert answer.status_code == status, path
        if status != 200:
            assert words in answer.content.decode()
            assert "公告" not in answer.content.decode()
            assert answer["Cache-Control"] == "no-store"
    assert _get(client_for, beta).status_code == 200


def test_a_suspended_site_says_when_to_come_back(alpha: Subsite, client_for: ClientFor) -> None:
    _put(alpha, SiteState.SUSPENDED, state_reason="系统升级")
    answer = _get(client_for, alpha)
    assert answer["Retry-After"] == "3600"
    assert "系统升级" in answer.content.decode()
    _put(alpha, SiteState.OPEN)
    assert "Retry-After" not in _get(client_for, alpha)


def test_a_closed_site_names_its_successor(alpha: Subsite, client_for: ClientFor) -> None:
    _put(alpha, SiteState.CLOSED)
    assert "<a " not in _get(client_for, alpha).content.decode()
    _put(alpha, SiteState.CLOSED, successor_name="新县人民政府", successor_url="https://www.xinxian.gov.cn/")
    answer = _get(client_for, alpha, "/dtyw/")
    assert '<a href="https://www.xinxian.gov.cn/">新县人民政府</a>' in answer.content.decode()
    assert "Retry-After" not in answer


def test_a_page_of_state_shows_no_markup_from_the_record(alpha: Subsite, client_for: ClientFor) -> None:
    _put(
        alpha, SiteState.CLOSED, state_reason="<script>x()</script>", successor_url='https://a.cn/?"><b>', name="<i>甲"
    )
    shown = _get(client_for, alpha).content.decode()
    for markup in ("<script>x", "<b>", "<i>甲"):
        assert markup not in shown


def test_robots_stay_away_from_a_trial(alpha: Subsite, beta: Subsite, client_for: ClientFor) -> None:
    _put(alpha, SiteState.TRIAL)
    assert _get(client_for, alpha)["X-Robots-Tag"] == "noindex"
    assert _get(client_for, alpha, "/admin/login/")["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in _get(client_for, beta)


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options", "patch"])
def test_every_method_gets_the_page_of_the_state(method: str, alpha: Subsite, client_for: ClientFor) -> None:
    _put(alpha, SiteState.CLOSED)
    assert getattr(client_for(alpha), method)("/search/").status_code == 410
    _put(alpha, SiteState.SUSPENDED)
    assert getattr(client_for(alpha), method)("/api/search/").status_code == 503


# ---- what staff can still reach


@pytest.mark.parametrize("state", [SiteState.PREPARING, SiteState.TRIAL, SiteState.OPEN, SiteState.SUSPENDED])
def test_staff_work_while_the_site_is_hidden(state: str, alpha: Subsite, client_for: ClientFor) -> None:
    editor = make_user(alpha)
    _put(alpha, state)
    client = sign_in(client_for(alpha), editor)
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/pages/").status_code in {200, 302}


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/static/a.css", "/media/site_alpha/images/a.png", "/documents/1/a"]
)
def test_a_closed_site_lets_nobody_in(path: str, alpha: Subsite, client_for: ClientFor) -> None:
    client = sign_in(client_for(alpha), make_user(alpha))
    assert client.get("/admin/").status_code == 200
    _put(alpha, SiteState.CLOSED)
    assert client.get(path).status_code == 410
    assert client_for(alpha).get(path).status_code == 410


@pytest.mark.parametrize("state", [SiteState.PREPARING, SiteState.SUSPENDED])
def test_files_of_a_hidden_site_are_for_staff(state: str, alpha: Subsite, client_for: ClientFor) -> None:
    """A citizen who kept the address of a file gets the page of the state; the editor beside him gets the file."""
    client = sign_in(client_for(alpha), make_user(alpha))
    image, document = add_image(alpha), add_document(alpha)
    with in_site(alpha):
        paths = [image.file.url, document.url]
    # A file is public when a published item shows it.
    told = {"title": "附件", "path": "/dtyw/1/", "content_hash": "0", "published_at": timezone.now()}
    shown = {"document_ids": [document.pk], "image_ids": [image.pk]}
    Resource.objects.create(site=alpha, page_id=1, state="published", **shown, **told)
    assert [client_for(alpha).get(path).status_code for path in paths] == [200, 200]
    _put(alpha, state)
    assert [client_for(alpha).get(path).status_code for path in paths] == [503, 503]
    assert [client.get(path).status_code for path in paths] == [200, 200]


@pytest.mark.parametrize("path", ["/admin", "/adminx/", "/Admin/", "//admin/", "/dtyw/admin/", "/admin/../dtyw/"])
def test_no_other_spelling_is_staffs_door(path: str, alpha: Subsite, client_for: ClientFor) -> None:
    _put(alpha, SiteState.SUSPENDED)
    assert client_for(alpha).get(path).status_code in {503, 404, 302}
    assert "公告" not in client_for(alpha).get(path).content.decode()


def test_the_consoles_state_holds_too(console: Subsite, client_for: ClientFor) -> None:
    assert _get(client_for, console, "/admin/login/").status_code == 200
    _put(console, SiteState.CLOSED)
    assert _get(client_for, console, "/admin/login/").status_code == 410


# ---- moves

ALL_MOVES = [(before, after) for before in SiteState.values for after in SiteState.values if before != after]


@pytest.mark.parametrize(("before", "after"), ALL_MOVES)
def test_only_the_moves_of_the_table_are_made(before: str, after: str, alpha: Subsite) -> None:
    _put(alpha, before)
    if after in MOVES[before]:
        assert move_site(alpha, after, reason="试").state == after
    else:
        with pytest.raises(StateMoveRefused, match=r"不能改为.*可以改为"):
            move_site(alpha, after)
        assert Subsite.objects.get(pk=alpha.pk).state == before


def test_a_move_is_written_into_the_ledger(alpha: Subsite, beta: Subsite) -> None:
    with acting_as(name="李四", reason="安全漏洞"):
        suspend_site(alpha, reason="安全漏洞")
    line = LedgerEntry.objects.filter(site_code="alpha", action="site_state").latest("id")
    assert (line.actor["name"], line.detail["from"], line.detail["to"]) == ("李四", "open", "suspended")
    assert Subsite.objects.get(code="alpha").state_reason == "安全漏洞"
    assert not LedgerEntry.objects.filter(site_code="beta", action="site_state").exists()


def test_the_same_move_twice_is_one_move(alpha: Subsite) -> None:
    suspend_site(alpha, reason="一")
    moved = LedgerEntry.objects.filter(action="site_state").count()
    suspend_site(alpha, reason="二")
    assert LedgerEntry.objects.filter(action="site_state").count() == moved
    assert resume_site(alpha).state == SiteState.OPEN


def test_closing_notes_when_and_where_to(alpha: Subsite) -> None:
    site = close_site(alpha, reason="整合", successor_name="新县", successor_url="https://www.xinxian.gov.cn/")
    assert site.closed_at is not None
    assert (site.successor_name, site.successor_url) == ("新县", "https://www.xinxian.gov.cn/")
    with pytest.raises(StateMoveRefused, match="可以改为：无"):
        resume_site(alpha)


def test_a_successor_must_be_an_address(alpha: Subsite) -> None:
    with pytest.raises(InvalidSite, match="完整网址"):
        close_site(alpha, reason="整合", successor_url="javascript:alert(1)")
    assert Subsite.objects.get(pk=alpha.pk).state == SiteState.OPEN


def test_a_very_long_reason_is_cut(alpha: Subsite) -> None:
    assert len(suspend_site(alpha, reason="因" * 1000).state_reason) == 300


def test_opened_at_is_the_first_opening(alpha: Subsite) -> None:
    site = open_site(code="gamma", name="丙县", kind="county", region_code="230183", state="preparing")
    opened = move_site(site, SiteState.TRIAL).opened_at
    assert opened is not None
    assert move_site(site, SiteState.OPEN).opened_at == opened
