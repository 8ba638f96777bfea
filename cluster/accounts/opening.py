"""Open an account in a site, with the person it belongs to, a role and a random first password.

Called by add_account and the console's form. What is written here the trigger of accounts.ledger puts into the ledger; the
password leaves in the return value alone.
"""

import secrets
import unicodedata
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from cluster.accounts.errors import InvalidAccount
from cluster.accounts.models import User
from cluster.accounts.roles import role_label, roles_of_site
from cluster.audit.actor import tell_database
from cluster.context import in_public, in_site
from cluster.staff.models import Person
from cluster.subsites.models import SiteState, Subsite

PASSWORD_BYTES = 12  # 96 random bits: nobody guesses them, somebody may have to type them
UNSEEN = {"Cc", "Cf", "Cs"}


@dataclass(frozen=True)
class OpenedAccount:
    """A new account; `password` is nowhere else in clear."""

    user: User
    person: Person
    role: str
    password: str


def open_account(
    site: Subsite, *, username: str, name: str, role: str, unit: str = "", email: str = ""
) -> OpenedAccount:
    """Open an account; it is never a superuser's, all it may do comes from its role.

    The person is the one registered under this name and unit (the site's organizer if none is given), or a new one.
    Raises InvalidAccount with the field and the cure; then nothing of the account is there.
    """
    username, name = username.strip(), name.strip()
    unit, email = unit.strip() or site.organizer or site.name, email.strip()
    with in_public(), transaction.atomic():
        tell_database()
        _check(site, username, name, unit, email)
        _check_role(site, role)
        with in_site(site):
            if User.objects.filter(username__iexact=username).exists():
                raise _taken(site, username)
        person = _person(name, unit)
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        with in_site(site):
            user = _create(site, username, password, email, person, role)
        return OpenedAccount(user, person, role, password)


def _check(site: Subsite, username: str, name: str, unit: str, email: str) -> None:
    if site.state == SiteState.CLOSED:
        raise InvalidAccount("site", f"“{site.name}”已永久下线，不能再开设账号；请核对站点代码，用 list_sites 查看。")
    try:
        User.username_validator(username)
    except ValidationError as error:
        raise InvalidAccount(
            "username", f"用户名“{username}”不合规：只能含字母、数字和 @ . + - _，不能为空，例如 wangmin。"
        ) from error
    if len(username) > 150:
        raise InvalidAccount("username", "用户名不能超过150个字符，请缩短。")
    for field, text, limit in (("name", name, 60), ("unit", unit, 120)):
        if not text or len(text) > limit or any(unicodedata.category(sign) in UNSEEN for sign in text):
            label = "姓名" if field == "name" else "单位"
            raise InvalidAccount(field, f"{label}不能为空、不能超过{limit}个字，也不能含控制字符，请核对。")
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise InvalidAccount("email", f"电子邮箱“{email}”不合规，请核对，例如 wangmin@example.gov.cn。") from error


def _check_role(site: Subsite, role: str) -> None:
    roles = roles_of_site(site)
    if role not in roles:
        allowed = "、".join(f"{name}（{role_label(name)}）" for name in roles)
        raise InvalidAccount("role", f"“{site.name}”没有角色“{role}”，可选：{allowed}；群站不设超级用户。")


def _taken(site: Subsite, username: str) -> InvalidAccount:
    return InvalidAccount(
        "username", f"“{site.name}”已有用户名“{username}”，请换一个；查看本站账号请用 list_accounts {site.code}。"
    )


def _person(name: str, unit: str) -> Person:
    """Return the person of this name and unit: one human being is registered once, however many accounts they have."""
    found = Person.objects.filter(name=name, unit=unit).order_by("created_at")
    active = found.filter(disabled_at=None).first()
    if active is None and found.exists():
        raise InvalidAccount(
            "name",
            f"工作人员“{name}（{unit}）”已停用，请先在控制台的“工作人员”里恢复；如是另一个人，请在单位里写明处室。",
        )
    return active or Person.objects.create(name=name, unit=unit)


def _create(site: Subsite, username: str, password: str, email: str, person: Person, role: str) -> User:
    try:
        with transaction.atomic():
            user = User(username=username, email=email, last_name=person.name, person_uuid=person.pk)
            user.set_password(password)
            user.save()
    except IntegrityError as error:  # somebody else took the name in the same moment
        raise _taken(site, username) from error
    user.groups.add(Group.objects.get(name=role))
    return user
