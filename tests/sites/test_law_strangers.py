"""The pages of the law in a site's admin, attacked by an account of another site: identifiers, bodies, cookies, tokens.

Alpha is a county and beta a city; what beta's administrator sends names what is alpha's. Beside each attempt stands what he may do.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cluster.column_templates.current import site_law
from cluster.column_templates.models import Waiver
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.inspection.models import ColumnDuty, ColumnState, RuleOutcome
from cluster.subsites.models import Subsite
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from tests.sites.test_admin import _article_form
from tests.support.articles import column_of, publish_article
from tests.support.people import api_token, make_user, sign_in
from tests.support.waiving import waive

pytestmark = pytest.mark.django_db
SECRET = "甲县的内情"
LAW_PAGES = ("waivers/", "waivers/ask/", "waivers/ask/tzgg/", "duties/", "duties/tzgg/")


@pytest.fixture
def keeper(beta: Subsite, client_for: Any) -> Client:
    """Return beta's administrator."""
    return sign_in(client_for(beta), make_user(beta, "site_admin", "乙管理员"))


@pytest.fixture
def of_alpha(alpha: Subsite) -> ArticlePage:
    """Give alpha a waiver, a finding, an officer and a verdict that all bear its secret; return a page with an id that beta lacks."""
    officer = make_user(alpha, "editor", SECRET)
    with in_site(alpha), connection.cursor() as cursor:  # ids are counted in each site
        cursor.execute(
            "SELECT setval(s, greatest(500000, nextval(s))) FROM pg_get_serial_sequence('wagtailcore_page', 'id') s"
        )
    page = publish_article(alpha, SECRET, column="tzgg")
    waive(alpha, "tzgg", reason=SECRET)
    waive(alpha, "dtyw", reason=SECRET, state="asked", signer={}, decided_at=None, expires_on=None)
    ColumnDuty.objects.create(
        site=alpha, column_code="tzgg", officer=officer.person_uuid, officer_name=SECRET, unit=SECRET
    )
    verdict = {"rule_id": "tzgg.x", "sentence": SECRET, "basis": "", "cure": SECRET}
    Finding.objects.create(site=alpha, page_id=page.pk, title=SECRET, kind="taken_off", verdicts=[verdict])
    ColumnState.objects.filter(site=alpha).update(officer_name=SECRET, sentence=SECRET)
    RuleOutcome.objects.filter(site=alpha).update(sentence=SECRET)
    return page


def of_the_province_alone(beta: Subsite) -> str:
    """Return the code of a column that the law knows for the province and not for beta's kind."""
    theirs = site_law(beta.kind).by_code
    return next(
        column.code for column in site_law("province").columns if column.mandatory and column.code not in theirs
    )


def test_nothing_of_another_site_is_shown(
    of_alpha: ArticlePage, alpha: Subsite, beta: Subsite, keeper: Client, client_for: Any
) -> None:
    with in_site(beta):
        page = column_of("tzgg").add_child(instance=ArticlePage(title="乙的稿", live=False))
        page.save_revision()
        same_id = Finding.objects.filter(site=alpha)
        same_id.update(page_id=page.pk)
    for address in ("", *LAW_PAGES, f"pages/{page.pk}/edit/", "reports/site-history/"):
        answer = keeper.get(f"/admin/{address}")
        assert answer.status_code == 200, address
        assert SECRET not in answer.content.decode(), address
    state = keeper.post(f"/admin/pages/{page.pk}/edit/?gate-state=1", _article_form(title="乙的稿"))
    assert SECRET not in state.content.decode()
    # Alpha's own administrator sees it.
    own = sign_in(client_for(alpha), make_user(alpha, "site_admin"))
    assert all(SECRET in own.get(f"/admin/{address}").content.decode() for address in ("", "waivers/", "duties/"))


def test_pages_of_another_site_are_not_judged_edited_or_found(
    of_alpha: ArticlePage, alpha: Subsite, beta: Subsite, keeper: Client
) -> None:
    with in_site(beta):
        own = column_of("tzgg").add_child(instance=ArticlePage(title="乙的稿", live=False))
        own.save_revision()
    form = _article_form(title="改了")
    for address in (f"pages/{of_alpha.pk}/edit/?gate-state=1", f"pages/{of_alpha.pk}/edit/"):
        assert keeper.post(f"/admin/{address}", form).status_code == 404
    assert keeper.post(f"/admin/pages/{own.pk}/edit/?gate-state=1", form).status_code == 200
    with in_site(alpha):
        assert ArticlePage.objects.get(pk=of_alpha.pk).title == of_alpha.title


def test_a_duty_is_named_in_ones_own_site_alone(
    of_alpha: ArticlePage, alpha: Subsite, beta: Subsite, keeper: Client
) -> None:
    before = list(ColumnDuty.objects.filter(site=alpha).values())
    duty = ColumnDuty.objects.get(site=alpha)
    forged = {"site": alpha.pk, "site_id": alpha.pk, "id": duty.pk, "pk": duty.pk, "column_code": "dtyw"}
    answer = keeper.post("/admin/duties/tzgg/", {**forged, "unit": "伪造", "officer": str(duty.officer)})
    assert "officer" in answer.context["form"].errors
    assert SECRET not in answer.content.decode()
    assert keeper.get(f"/admin/duties/{of_the_province_alone(beta)}/").status_code == 404
    assert not ColumnDuty.objects.filter(site=beta).exists()
    assert keeper.post("/admin/duties/tzgg/", {**forged, "unit": "府办", "for_all_open": "on"}).status_code == 302
    assert list(ColumnDuty.objects.filter(site=alpha).values()) == before
    mine = ColumnDuty.objects.get(site=beta, column_code="tzgg")
    assert (mine.unit, mine.officer) == ("府办", None)


def test_a_waiver_is_asked_for_in_ones_own_name_alone(
    of_alpha: ArticlePage, alpha: Subsite, beta: Subsite, keeper: Client
) -> None:
    before = list(Waiver.objects.filter(site=alpha).order_by("pk").values())
    forged = {
        "site": alpha.pk, "state": "granted", "signer": '{"name": "伪造"}', "expires_on": "2099-01-01",
        "column_code": "dtyw", "id": before[0]["id"], "asked_by": '{"name": "伪造"}',
    }  # fmt: skip
    address = "/admin/waivers/ask/tzgg/"
    assert "rule" in keeper.post(address, {**forged, "rule": "dtyw.update", "reason": "伪造"}).context["form"].errors
    assert keeper.get(f"/admin/waivers/ask/{of_the_province_alone(beta)}/").status_code == 404
    assert not Waiver.objects.filter(site=beta).exists()
    assert keeper.post(address, {**forged, "rule": "all", "reason": "整合"}).status_code == 302
    asked = Waiver.objects.get(site=beta)
    assert (asked.state, asked.column_code, asked.signer, asked.expires_on) == ("asked", "tzgg", {}, None)
    assert asked.asked_by["name"] == "乙管理员"
    assert list(Waiver.objects.filter(site=alpha).order_by("pk").values()) == before


@pytest.mark.parametrize("page", LAW_PAGES)
def test_who_is_not_signed_in_here_is_sent_to_the_sign_in(
    alpha: Subsite, beta: Subsite, keeper: Client, client_for: Any, page: str
) -> None:
    borrowed = client_for(alpha)
    borrowed.cookies = keeper.cookies
    assert keeper.get(f"/admin/{page}").status_code == 200
    for stranger in (borrowed, client_for(alpha)):
        for answer in (stranger.get(f"/admin/{page}"), stranger.post(f"/admin/{page}", {"unit": "伪造"})):
            assert answer["Location"].startswith("/admin/login/"), page
    assert not ColumnDuty.objects.exists()
    assert not Waiver.objects.exists()


@pytest.mark.parametrize("role", ["editor", "reviewer1", "publisher", "letters"])
def test_other_roles_neither_assign_nor_ask(beta: Subsite, client_for: Any, role: str) -> None:
    client = sign_in(client_for(beta), make_user(beta, role))
    for page in ("duties/tzgg/", "waivers/ask/tzgg/", "waivers/ask/"):
        answer = client.post(f"/admin/{page}", {"unit": "伪造", "rule": "all", "reason": "伪造"})
        assert answer.status_code == 302, page
    assert not ColumnDuty.objects.exists()
    assert not Waiver.objects.exists()


def test_no_form_is_taken_without_its_token(beta: Subsite, keeper: Client, client_for: Any) -> None:
    guarded = client_for(beta, enforce_csrf_checks=True)
    guarded.cookies = keeper.cookies
    with in_site(beta):
        page = column_of("tzgg").add_child(instance=ArticlePage(title="乙的稿", live=False))
        page.save_revision()
    typed = {"unit": "府办", "rule": "all", "reason": "整合"}
    state = f"pages/{page.pk}/edit/?gate-state=1"
    for address in ("duties/tzgg/", "waivers/ask/tzgg/", "waivers/ask/", state):
        assert guarded.post(f"/admin/{address}", typed).status_code == 403, address
    assert not ColumnDuty.objects.exists()
    token = guarded.get("/admin/duties/tzgg/").context["csrf_token"]
    assert guarded.post("/admin/duties/tzgg/", {**typed, "csrfmiddlewaretoken": str(token)}).status_code == 302
    assert ColumnDuty.objects.get().site == beta


def test_a_token_of_another_site_opens_no_interface(
    of_alpha: ArticlePage, alpha: Subsite, beta: Subsite, client_for: Any
) -> None:
    """Neither with the token of beta on alpha's host, nor with ids of alpha on beta's."""
    theirs = {"Authorization": f"Bearer {api_token(beta, make_user(beta, 'site_admin'))}"}
    body = {"title": "伪造", "gate_reason": "伪造", "meta": {"type": "content.ArticlePage", "action": "publish"}}
    with in_site(alpha):
        column, before = column_of("tzgg").pk, GatePass.objects.count()
    here, there = client_for(beta), client_for(alpha)
    for path, method in (
        (f"{of_alpha.pk}/", "patch"), (f"{of_alpha.pk}/actions/publish/", "post"), (f"{of_alpha.pk}/actions/unpublish/", "post"),
        (f"{column}/", "patch"), (f"{of_alpha.pk}/", "delete"),
    ):  # fmt: skip
        answer = getattr(there, method)(f"/api/v3/pages/{path}", body, "application/json", headers=theirs)
        assert answer.status_code == 401, path
        assert SECRET not in answer.content.decode()
    gone = here.patch(f"/api/v3/pages/{of_alpha.pk}/", body, "application/json", headers=theirs)
    assert gone.status_code == 404
    with in_site(alpha):
        assert ArticlePage.objects.get(pk=of_alpha.pk).live
        assert GatePass.objects.count() == before
    own = publish_article(beta, "乙的通知", column="tzgg")
    answer = here.patch(f"/api/v3/pages/{own.pk}/", {"title": "乙的新题"}, "application/json", headers=theirs)
    assert answer.status_code == 200, answer.content


def test_who_may_not_write_here_hears_no_verdict(beta: Subsite, client_for: Any) -> None:
    """What the rules say of a draft tells what stands in it."""
    with in_site(beta):
        column = column_of("tzgg")
        page = column.add_child(instance=ArticlePage(title="乙的稿", live=False))
        page.save_revision()
    addresses = (f"pages/{page.pk}/edit/", f"pages/add/content/articlepage/{column.pk}/")
    for role, status in (("letters", 302), ("editor", 200)):
        client = sign_in(client_for(beta), make_user(beta, role))
        for address in addresses:
            answer = client.post(f"/admin/{address}?gate-state=1", _article_form(title="乙的稿"))
            assert answer.status_code == status, (role, address)
    stranger = client_for(beta).post(f"/admin/{addresses[0]}?gate-state=1", _article_form(title="乙的稿"))
    assert stranger["Location"].startswith("/admin/login/")
