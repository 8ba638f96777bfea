"""The first account of a site, its list and its tokens: what the commands do, print once, and refuse with a cure."""

import re
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from cluster.accounts.errors import InvalidAccount
from cluster.accounts.models import User
from cluster.accounts.opening import open_account
from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.staff.models import Person
from cluster.subsites.models import Subsite
from cluster.subsites.services import close_site, open_site
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db
WANG = ("--username", "wangmin", "--name", "王敏")


def _run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def _password(said: str) -> str:
    (found,) = re.findall(r"初始密码：(\S+)", said)
    return found


def _enter(client: Client, password: str) -> int:
    return client.post("/admin/login/", {"username": "wangmin", "password": password, "next": "/admin/"}).status_code


def test_the_first_account_of_a_new_site_opens_its_admin_alone(alpha: Subsite, beta: Subsite, client_for) -> None:
    gamma = open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230183")
    said = _run("add_account", "gamma", *WANG, "--role", "site_admin", "--email", "w@x.gov.cn", "--actor", "张三")
    password = _password(said)
    assert "http://gamma.localhost/admin/" in said
    assert "站点管理员" in said
    assert _enter(client_for(gamma), password) == 302
    assert _enter(client_for(alpha), password) == 200
    with in_site(gamma):
        user = User.objects.get()
        assert (user.is_superuser, user.is_staff, user.email) == (False, False, "w@x.gov.cn")
        assert list(user.groups.values_list("name", flat=True)) == ["site_admin"]
        assert Person.objects.get(pk=user.person_uuid).unit == "丙县人民政府"
    line = LedgerEntry.objects.get(site_code="gamma", action="site_changed", detail__account="wangmin")
    assert (line.actor["name"], line.detail) == ("张三", {"account": "wangmin", "role": "site_admin"})
    assert password not in str(LedgerEntry.objects.values_list("detail", "title", "reason"))
    assert not LedgerEntry.objects.filter(site_code="beta", detail__account="wangmin").exists()


def test_the_office_gets_an_account_in_the_console(console: Subsite, alpha: Subsite, client_for) -> None:
    password = _password(_run("add_account", "console", *WANG, "--role", "office"))
    client = client_for(console)
    assert _enter(client, password) == 302
    assert client.get("/admin/console/sites/").status_code == 200


def test_what_an_account_may_not_be(alpha: Subsite, beta: Subsite) -> None:
    """Refused with nothing left behind; each beside what is allowed."""
    make_user(alpha, "editor", "lihua")
    persons = Person.objects.count()
    refused = [
        (("nobody", *WANG, "--role", "editor"), "没有代码为“nobody”的站点.*list_sites"),
        (("alpha", *WANG, "--role", "office"), "没有角色“office”，可选：site_admin（站点管理员）.*不设超级用户"),
        (("alpha", *WANG, "--role", "superuser"), "没有角色“superuser”"),
        (
            ("alpha", "--username", "LiHua", "--name", "李华", "--role", "editor"),
            "已有用户名“LiHua”.*list_accounts alpha",
        ),
        (("alpha", "--username", "李 华", "--name", "李华", "--role", "editor"), "用户名“李 华”不合规"),
        (("alpha", "--username", "", "--name", "李华", "--role", "editor"), "不能为空"),
        (("alpha", "--username", "x", "--name", " ", "--role", "editor"), "姓名不能为空"),
        (("alpha", *WANG, "--role", "editor", "--email", "x"), "电子邮箱“x”不合规"),
    ]
    for words, sentence in refused:
        with pytest.raises(CommandError, match=sentence):
            _run("add_account", *words)
    with in_site(alpha):
        assert list(User.objects.values_list("username", flat=True)) == ["lihua"]
    assert Person.objects.count() == persons
    _run("add_account", "beta", "--username", "lihua", "--name", "李华", "--role", "editor")
    _run("add_account", "alpha", *WANG, "--role", "editor")


def test_roles_are_those_of_the_sites_own_groups(alpha: Subsite, beta: Subsite) -> None:
    with in_site(alpha):
        Group.objects.create(name="通讯员")
    opened = open_account(alpha, username="a", name="甲", role="通讯员")
    assert opened.role == "通讯员"
    with pytest.raises(InvalidAccount, match="没有角色“通讯员”"):
        open_account(beta, username="a", name="甲", role="通讯员")


def test_one_human_being_is_one_person_in_both_sites(alpha: Subsite, beta: Subsite) -> None:
    first = open_account(alpha, username="a", name="王敏", role="editor", unit="省政府办公厅")
    second = open_account(beta, username="b", name="王敏", role="publisher", unit="省政府办公厅")
    other = open_account(beta, username="c", name="王敏", role="editor")
    assert first.person == second.person
    assert other.person != first.person
    assert len({first.password, second.password, other.password}) == 3
    Person.objects.filter(pk=first.person.pk).update(disabled_at=timezone.now())
    with pytest.raises(InvalidAccount, match=r"已停用.*工作人员"):
        open_account(alpha, username="d", name="王敏", role="editor", unit="省政府办公厅")


def test_a_closed_site_gets_no_account(alpha: Subsite, beta: Subsite) -> None:
    with pytest.raises(InvalidAccount, match="已永久下线"):
        open_account(close_site(alpha, reason="整合"), username="a", name="甲", role="editor")
    open_account(beta, username="a", name="甲", role="editor")


def test_a_list_of_one_sites_accounts(alpha: Subsite, beta: Subsite) -> None:
    open_account(alpha, username="a-editor", name="甲", role="editor")
    open_account(beta, username="b-letters", name="乙", role="letters")
    said = _run("list_accounts", "alpha")
    assert "a-editor" in said
    assert "编辑" in said
    assert "b-letters" not in said
    assert "共 1 个账号" in said


def test_a_token_opens_the_interface_of_its_own_site(alpha: Subsite, beta: Subsite, client_for) -> None:
    make_user(alpha, "editor", "lihua")
    said = _run("add_token", "alpha", "--username", "lihua")
    (token,) = re.findall(r"令牌：(\S+)", said)
    bearer = {"authorization": f"Bearer {token}"}
    assert client_for(alpha).get("/api/v3/images/", headers=bearer).status_code == 200
    assert client_for(beta).get("/api/v3/images/", headers=bearer).status_code == 401
    assert "已作废此前的 1 个令牌" in _run("add_token", "alpha", "--username", "lihua", "--replace")
    assert client_for(alpha).get("/api/v3/images/", headers=bearer).status_code == 401


def test_no_token_without_an_account_that_works(alpha: Subsite, beta: Subsite) -> None:
    user = make_user(alpha, "editor", "lihua")
    with pytest.raises(CommandError, match=r"“乙市人民政府”没有用户名为“lihua”.*list_accounts beta"):
        _run("add_token", "beta", "--username", "lihua")
    with in_site(alpha):
        User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(CommandError, match=r"已停用"):
        _run("add_token", "alpha", "--username", "lihua")


def test_a_role_given_in_the_admin_is_in_the_ledger(alpha: Subsite, beta: Subsite, client_for) -> None:
    """Whatever road: the site's administrator uses Wagtail's own form."""
    admin = make_user(alpha, "site_admin", "guanliyuan")
    with in_site(alpha):
        group = Group.objects.get(name="editor").pk
    client = sign_in(client_for(alpha), admin)
    typed = {"username": "xin", "first_name": "新", "last_name": "李", "email": "x@x.gov.cn", "groups": [group]}
    passwords = {"password1": "shi-yong-mi-ma-2027", "password2": "shi-yong-mi-ma-2027"}
    answer = client.post("/admin/users/new/", typed | passwords)
    assert answer.status_code == 302, answer.context["form"].errors
    line = LedgerEntry.objects.get(site_code="alpha", detail__account="xin")
    assert (line.detail["role"], line.actor["name"]) == ("editor", "guanliyuan")
    assert not LedgerEntry.objects.filter(site_code="beta", detail__account="xin").exists()
