"""Who may enter which page of the console: office, inspector, an account without a role, strangers, other sites."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from cluster.console.policies import CONSOLE, roles_of
from cluster.context import in_site
from cluster.subsites.models import Job, Subsite
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db
HERE = "/admin/console"
TO_READ = (
    "sites/",
    "sites/alpha/",
    "sites/beta/",
    "jobs/",
    "feed/",
    "ledger/",
    "persons/",
    "sites-results/",
    "templates/",
    "templates/1/",
    "templates/1/plan/",
    "templates/sites/",
)
TO_ACT = (
    "open/",
    "sites/alpha/record/",
    "sites/alpha/domains/",
    "sites/alpha/account/",
    "sites/alpha/move/suspended/",
    "persons/new/",
    "templates/edit/",
)
TO_PRESS = (
    "feed/retry/",
    "edge/forget/",
    f"jobs/{uuid.UUID(int=1)}/repeat/",
    f"jobs/{uuid.UUID(int=1)}/stop/",
    "templates/1/apply/",
)


@pytest.mark.parametrize("page", TO_READ)
def test_office_and_inspector_read(office: Client, inspector: Client, alpha: Subsite, page: str) -> None:
    assert office.get(f"{HERE}/{page}").status_code == 200
    assert inspector.get(f"{HERE}/{page}").status_code == 200


@pytest.mark.parametrize("page", TO_ACT)
def test_only_the_office_acts(office: Client, inspector: Client, page: str) -> None:
    assert office.get(f"{HERE}/{page}").status_code == 200
    refused = inspector.get(f"{HERE}/{page}")
    assert (refused.status_code, refused["Location"]) == (302, "/admin/")
    assert inspector.post(f"{HERE}/{page}", {}, headers={"x-requested-with": "XMLHttpRequest"}).status_code == 403


@pytest.mark.parametrize("page", TO_PRESS)
def test_only_the_office_presses_buttons(office: Client, inspector: Client, page: str) -> None:
    refused = inspector.post(f"{HERE}/{page}")
    assert (refused.status_code, refused["Location"]) == (302, "/admin/")
    assert not Job.objects.exists()
    assert office.post(f"{HERE}/{page}").status_code in {302, 404}


@pytest.mark.parametrize("page", [*TO_READ, *TO_ACT])
def test_an_account_without_a_role_is_refused_even_as_superuser(roleless: Client, page: str) -> None:
    refused = roleless.get(f"{HERE}/{page}")
    assert (refused.status_code, refused["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("page", [*TO_READ, *TO_ACT])
def test_strangers_are_sent_to_the_sign_in(console: Subsite, client_for, page: str) -> None:
    answer = client_for(console).get(f"{HERE}/{page}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("page", [*TO_READ, *TO_ACT])
def test_the_pages_do_not_exist_on_other_sites(
    office: Client, editor: Client, alpha: Subsite, beta: Subsite, client_for, page: str
) -> None:
    """The same address on alpha and beta, for its own editor, for a stranger, and with the office's cookie."""
    assert office.get(f"{HERE}/{page}").status_code == 200
    assert editor.get(f"{HERE}/{page}").status_code == 404
    assert client_for(beta).get(f"{HERE}/{page}").status_code == 404
    for other in (alpha, beta):
        borrowed = client_for(other)
        borrowed.cookies = office.cookies
        assert borrowed.get(f"{HERE}/{page}").status_code == 404


def test_the_offices_cookie_opens_no_other_admin(office: Client, beta: Subsite, client_for) -> None:
    assert office.get("/admin/").status_code == 200
    borrowed = client_for(beta)
    borrowed.cookies = office.cookies
    assert borrowed.get("/admin/")["Location"].startswith("/admin/login/")


def test_an_editor_of_a_site_cannot_sign_in_to_the_console(alpha: Subsite, console: Subsite, client_for) -> None:
    user = make_user(alpha, "editor")
    sign_in(client_for(alpha), user)
    answer = client_for(console).post("/admin/login/", {"username": user.username, "password": "shi-yong-mi-ma-2026"})
    assert answer.status_code == 200
    assert "没有" in answer.content.decode() or "不匹配" in answer.content.decode()


def test_a_group_of_the_same_name_means_nothing_elsewhere(alpha: Subsite, console: Subsite) -> None:
    user = make_user(alpha, "site_admin")
    with in_site(alpha):
        user.groups.add(Group.objects.create(name="office"))
        assert not CONSOLE.user_has_permission(user, "view")
        assert roles_of(user) == frozenset()
        assert not CONSOLE.users_with_any_permission({"view"}).exists()
    officer = make_user(console, "office")
    with in_site(console):
        assert CONSOLE.user_has_permission(officer, "change")
        assert CONSOLE.users_with_any_permission({"change"}).get() == officer


def test_a_deactivated_account_has_no_role(console: Subsite) -> None:
    user = make_user(console, "office")
    with in_site(console):
        assert CONSOLE.user_has_permission(user, "change")
        user.is_active = False
        assert not CONSOLE.user_has_permission(user, "change")


def test_menu_and_dashboard_are_the_consoles_own(office: Client, roleless: Client, editor: Client) -> None:
    own = office.get("/admin/").content.decode()
    assert "/admin/console/sites/" in own
    assert "今日待办" in own
    for foreign in ("PageExplorerMenuItem", "/admin/images/", "/admin/documents/", "/admin/reports/"):
        assert foreign not in own
    without = roleless.get("/admin/").content.decode()
    assert "/admin/console/sites/" not in without
    assert "今日待办" not in without
    local = editor.get("/admin/").content.decode()
    assert "/admin/console/" not in local
    assert "今日待办" not in local


def test_the_sign_in_page_names_its_site(alpha: Subsite, console: Subsite, client_for) -> None:
    assert "群站管理控制台" in client_for(console).get("/admin/login/").content.decode()
    local = client_for(alpha).get("/admin/login/").content.decode()
    assert "甲县人民政府" in local
    assert "群站管理控制台" not in local
    assert "Password" not in local
