"""Reads over the accounts of a site. Called by the commands of this app, and by whatever writes to people of a role."""

from dataclasses import dataclass
from datetime import datetime

from cluster.accounts.errors import AccountNotFound
from cluster.accounts.models import User
from cluster.accounts.roles import role_label
from cluster.context import in_site
from cluster.subsites.models import Subsite


@dataclass(frozen=True)
class AccountRow:
    """An account as a list shows it."""

    username: str
    name: str
    roles: str
    email: str
    is_active: bool
    last_login: datetime | None


def accounts_of(site: Subsite) -> list[AccountRow]:
    """Return the accounts of a site by username."""
    with in_site(site):
        users = list(User.objects.prefetch_related("groups").order_by("username"))
        return [
            AccountRow(
                username=user.username,
                name=user.get_full_name(),
                roles="、".join(sorted(role_label(group.name) for group in user.groups.all())),
                email=user.email,
                is_active=user.is_active,
                last_login=user.last_login,
            )
            for user in users
        ]


def mailboxes_of(site: Subsite, role: str) -> list[str]:
    """Return where the people of this role read their mail."""
    with in_site(site):
        users = User.objects.filter(is_active=True, groups__name=role).exclude(email="")
        return list(users.order_by("email").values_list("email", flat=True).distinct())


def active_account(site: Subsite, username: str) -> User:
    """Return the site's account of this name; raises AccountNotFound. Call it in the site."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise AccountNotFound(f"“{site.name}”没有用户名为“{username}”的账号，请用 list_accounts {site.code} 查看。")
    if not user.is_active:
        raise AccountNotFound(f"“{site.name}”的账号“{username}”已停用，请先由本站管理员在后台启用。")
    return user
