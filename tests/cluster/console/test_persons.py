"""Persons in the console, and the person behind an account in the admin of every site."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from cluster.accounts.models import User
from cluster.context import in_site
from cluster.staff.models import Person
from cluster.subsites.models import Subsite
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db
PERSONS = "/admin/console/persons/"


def account(site: Subsite, **changes: Any) -> dict[str, Any]:
    """Return what an administrator types for a new account of the site."""
    with in_site(site):
        editors = Group.objects.get(name="editor").pk
    return {
        "username": "zhangsan",
        "email": "zs@example.com",
        "last_name": "张",
        "first_name": "三",
        "password1": "shi-yong-mi-ma-2026",
        "password2": "shi-yong-mi-ma-2026",
        "groups": [editors],
        **changes,
    }


@pytest.fixture
def keeper(alpha: Subsite, client_for) -> Client:
    """Return a client signed in to alpha as its administrator."""
    return sign_in(client_for(alpha), make_user(alpha, "site_admin"))


def test_the_office_registers_and_disables_a_person(office: Client) -> None:
    assert office.post(f"{PERSONS}new/", {"name": "张三", "unit": "甲县府办"}).status_code == 302
    person = Person.objects.get(name="张三")
    assert "张三" in office.get(f"{PERSONS}?q=甲县").content.decode()
    assert (
        office.post(f"{PERSONS}{person.pk}/", {"name": "张三", "unit": "甲县府办", "is_disabled": "on"}).status_code
        == 302
    )
    person.refresh_from_db()
    assert person.disabled_at is not None
    assert office.post(f"{PERSONS}{person.pk}/", {"name": "张三", "unit": "甲县府办"}).status_code == 302
    person.refresh_from_db()
    assert person.disabled_at is None
    assert office.get(f"{PERSONS}{uuid.uuid4()}/").status_code == 404


def test_the_same_name_in_the_same_unit_is_refused(office: Client) -> None:
    Person.objects.create(name="张三", unit="甲县府办")
    answer = office.post(f"{PERSONS}new/", {"name": "张三", "unit": "甲县府办"})
    assert "已经登记" in answer.context["form"].errors["name"][0]
    assert 'value="甲县府办"' in answer.content.decode()
    assert office.post(f"{PERSONS}new/", {"name": "张三", "unit": "甲县府办信息科"}).status_code == 302


def test_an_inspector_reads_but_cannot_open_the_form(inspector: Client) -> None:
    person = Person.objects.create(name="张三")
    shown = inspector.get(PERSONS).content.decode()
    assert "张三" in shown
    assert str(person.pk) not in shown
    assert inspector.get(f"{PERSONS}{person.pk}/")["Location"] == "/admin/"


def test_an_account_carries_its_person(keeper: Client, alpha: Subsite) -> None:
    person = Person.objects.create(name="张三", unit="甲县府办")
    answer = keeper.post("/admin/users/new/", account(alpha, person=str(person.pk)))
    assert answer.status_code == 302, answer.context["form"].errors
    with in_site(alpha):
        user = User.objects.get(username="zhangsan")
    assert user.person_uuid == person.pk
    assert user.actor_name == "张三"
    edit = keeper.get(f"/admin/users/edit/{user.pk}/").content.decode()
    assert "张三（甲县府办）" in edit
    typed = account(alpha, password1="", password2="", is_active="on", person="")
    assert keeper.post(f"/admin/users/edit/{user.pk}/", typed).status_code == 302
    with in_site(alpha):
        user.refresh_from_db()
    assert user.person_uuid is None


def test_a_disabled_or_invented_person_is_refused(keeper: Client, alpha: Subsite) -> None:
    gone = Person.objects.create(name="李四", disabled_at="2026-01-01T00:00:00Z")
    for number in (gone.pk, uuid.uuid4(), "nonsense"):
        answer = keeper.post("/admin/users/new/", account(alpha, person=str(number)))
        assert list(answer.context["form"].errors) == ["person"]
        assert 'value="zhangsan"' in answer.content.decode()
    here = Person.objects.create(name="李四")
    assert keeper.post("/admin/users/new/", account(alpha, person=str(here.pk))).status_code == 302


def test_nobody_makes_a_superuser(keeper: Client, alpha: Subsite) -> None:
    assert "is_superuser" not in keeper.get("/admin/users/new/").content.decode()
    assert keeper.post("/admin/users/new/", account(alpha, is_superuser="on")).status_code == 302
    with in_site(alpha):
        user = User.objects.get(username="zhangsan")
    assert not user.is_superuser
    typed = account(alpha, password1="", password2="", is_active="on", is_superuser="on")
    assert keeper.post(f"/admin/users/edit/{user.pk}/", typed).status_code == 302
    with in_site(alpha):
        user.refresh_from_db()
    assert not user.is_superuser


def test_nobody_changes_the_person_of_the_own_account(keeper: Client, alpha: Subsite) -> None:
    with in_site(alpha):
        me = User.objects.get(username="alpha-site_admin")
        groups = list(me.groups.values_list("pk", flat=True))
    other = Person.objects.create(name="另一个人")
    typed = account(alpha, username=me.username, password1="", password2="", groups=groups, person=str(other.pk))
    assert keeper.post(f"/admin/users/edit/{me.pk}/", typed).status_code == 302
    with in_site(alpha):
        assert User.objects.get(pk=me.pk).person_uuid == me.person_uuid


def test_the_dialogue_finds_persons_for_who_keeps_accounts(keeper: Client, editor: Client, office: Client) -> None:
    Person.objects.create(name="张三", unit="甲县府办")
    Person.objects.create(name="李四", unit="乙市府办")
    Person.objects.create(name="王五", unit="甲县府办", disabled_at="2026-01-01T00:00:00Z")
    everybody = keeper.get("/admin/persons/choose/results/").content.decode()
    assert "张三" in everybody
    assert "李四" in everybody
    assert "王五" not in everybody
    some = keeper.get("/admin/persons/choose/results/?q=甲县").content.decode()
    assert "张三" in some
    assert "李四" not in some
    assert office.get("/admin/persons/choose/").status_code == 200
    for page in ("", "results/", f"chosen/{Person.objects.get(name='张三').pk}/", "chosen-multiple/"):
        assert editor.get(f"/admin/persons/choose/{page}").status_code == 302, page
    assert keeper.get("/admin/persons/choose/chosen/nonsense/").status_code == 404


def test_an_account_in_beta_is_beyond_alphas_keeper(keeper: Client, beta: Subsite, client_for) -> None:
    stranger = make_user(beta, "editor", "betas-own")
    assert keeper.get(f"/admin/users/edit/{stranger.pk + 10_000}/").status_code == 404
    assert "betas-own" not in keeper.get("/admin/users/").content.decode()
    betas = sign_in(client_for(beta), make_user(beta, "site_admin"))
    assert "betas-own" in betas.get("/admin/users/").content.decode()
