"""Forms on stored pages: with a token they go through, without one they come back to be confirmed, nothing is lost."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from cluster.edge import recording
from cluster.edge.forms import stored_form
from cluster.subsites.models import Subsite
from tests.support.edging import Front

_FORM = (
    '{% load stored_forms %}<form method="post">{% stored_form_token %}<input name="wish"><button>提交</button></form>'
)


@stored_form
def _letter(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        files = [file.read().decode() for file in request.FILES.getlist("paper")]
        return HttpResponse(f"收到：{request.POST.getlist('wish')}{files}")
    recording.storable()
    return HttpResponse(engines["django"].from_string(_FORM).render({}, request))


urlpatterns = [path("letter/", _letter), path("", include("cluster.urls.site"))]
TYPED = {"wish": ["路灯坏了\n第二行", '<b>"引号"</b>', "\n以空行开头", ""]}


@pytest.fixture
def citizen(edge: Front, alpha: Subsite, settings: Settings) -> Client:
    """Return a browser of alpha's citizen whose tokens are checked."""
    settings.ROOT_URLCONF = __name__
    return Client(HTTP_HOST=alpha.primary_host, enforce_csrf_checks=True)


def _fields(response: Any) -> dict[str, list[str]]:
    """Return what the confirm page would send, as browsers read it."""
    soup, found = BeautifulSoup(response.content, "html.parser"), {}
    for field in soup.select("main form [name]"):
        if field.get("type") != "file":
            found.setdefault(field["name"], []).append(field.get("value", ""))
    return found


def test_the_page_of_a_form_is_stored_without_a_token(citizen: Client, edge: Front, alpha: Subsite) -> None:
    first, second = citizen.get("/letter/"), edge.get(alpha, "/letter/")
    assert second.from_store
    assert not first.cookies
    assert BeautifulSoup(second.text, "html.parser").select_one("[data-form-token]")["value"] == ""


def test_with_a_token_the_form_goes_through(citizen: Client, edge: Front, alpha: Subsite) -> None:
    answer = citizen.get("/form-token/")
    assert "no-store" in answer.headers["Cache-Control"]
    posted = citizen.post("/letter/", {"wish": "路灯坏了", "csrfmiddlewaretoken": answer.json()["token"]})
    assert posted.content.decode() == "收到：['路灯坏了'][]"
    assert "/letter/" not in edge.paths(alpha)


@pytest.mark.parametrize("token", [None, "", "x" * 64])
def test_without_a_token_everything_typed_comes_back_to_be_confirmed(
    citizen: Client, edge: Front, alpha: Subsite, token: str | None
) -> None:
    """Also with a token that another visitor was given."""
    asked = citizen.post("/letter/", TYPED | ({} if token is None else {"csrfmiddlewaretoken": token}))
    assert (asked.status_code, "收到：" in asked.content.decode()) == (200, False)
    assert "no-store" in asked.headers["Cache-Control"]
    fields = _fields(asked)
    assert fields["wish"] == TYPED["wish"]
    assert citizen.post("/letter/", fields).content.decode() == f"收到：{TYPED['wish']}[]"
    assert edge.paths(alpha) == set()


def test_a_file_must_be_chosen_again_and_is_named(citizen: Client) -> None:
    asked = citizen.post("/letter/", {"wish": "见附件", "paper": SimpleUploadedFile("证明.txt", b"paper")})
    page = asked.content.decode()
    assert "“证明.txt”需要再选一次" in page
    again = _fields(asked) | {"paper": SimpleUploadedFile("证明.txt", b"paper")}
    assert citizen.post("/letter/", again).content.decode() == "收到：['见附件']['paper']"


def test_another_sites_form_is_refused_for_good(citizen: Client, alpha: Subsite, beta: Subsite) -> None:
    foreign = citizen.post("/letter/", {"wish": "冒充"}, HTTP_ORIGIN=f"http://{beta.primary_host}")
    own = citizen.post("/letter/", {"wish": "本人"}, HTTP_ORIGIN=f"http://{alpha.primary_host}")
    assert (foreign.status_code, own.status_code) == (403, 200)
    assert "冒充" not in foreign.content.decode()


def test_a_token_of_one_site_is_none_of_another(citizen: Client, beta: Subsite) -> None:
    token = citizen.get("/form-token/").json()["token"]
    at_beta = Client(HTTP_HOST=beta.primary_host, enforce_csrf_checks=True)
    answer = at_beta.post("/letter/", {"wish": "乙", "csrfmiddlewaretoken": token})
    assert "收到：" not in answer.content.decode()
    assert "请确认提交" in answer.content.decode()
