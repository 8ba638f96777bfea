"""One account per demonstration site and role, with a person of its own and a random password.

Called by the command. The passwords stand in one file that only its owner can read, never in the database in clear.
"""

import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth.hashers import (
    PBKDF2PasswordHasher,
    get_hasher,
    identify_hasher,
    is_password_usable,
    make_password,
)
from django.contrib.auth.models import Group
from django.db import transaction

from cluster.accounts.models import User
from cluster.audit.actor import tell_database
from cluster.context import in_site
from cluster.staff.models import Person
from cluster.subsites.models import SiteKind, Subsite
from sites.content.demo.account_file import Account, AccountFile

ROLES = {
    "site_admin": "管理员",
    "editor": "编辑",
    "reviewer1": "初审",
    "reviewer2": "复审",
    "reviewer3": "终审",
    "publisher": "签发",
    "letters": "信件办理",
}
CONSOLE_ROLES = {"office": "管理处", "inspector": "检查员"}
NAMES = uuid.UUID("6f1d3c1e-6f0a-4c0e-9a51-0d2f8a5f7b10")
# A password of 144 random bits cannot be guessed however fast one tries, so stretching adds nothing to it, and 800
# accounts at Django's own count of rounds would take four minutes. The first sign-in stores it with the full count.
ROUNDS = 1000
PASSWORD_BYTES = 18


@dataclass(frozen=True)
class _Wanted:
    """An account as it shall be."""

    account: Account
    title: str
    group: str


def username_of(code: str, role: str) -> str:
    """Give the log-in name of a role at a site."""
    return f"{code}-{role}"


def make_accounts(sites: Iterable[Subsite], file: AccountFile, progress: Callable[[], None] = lambda: None) -> int:
    """See to it that every account exists with the password in the file; return how many the file lists.

    The file is written before the first account, so that a killed run leaves no account whose password nobody knows.
    """
    sites = list(sites)
    known = file.load()
    wanted = {site.code: _wanted(site, known) for site in sites}
    for site in sites:
        _forget_unknown_passwords(site, [item for item in wanted[site.code] if item.account.username not in known])
    accounts = [item.account for items in wanted.values() for item in items]
    file.store(accounts, others=known)
    for site in sites:
        _make_site_accounts(site, wanted[site.code])
        progress()
    return len(accounts)


def _wanted(site: Subsite, known: dict[str, Account]) -> list[_Wanted]:
    roles = CONSOLE_ROLES if site.kind == SiteKind.CONSOLE else ROLES
    found = []
    for role, title in roles.items():
        username = username_of(site.code, role)
        old = known.get(username)
        password = old.password if old else secrets.token_urlsafe(PASSWORD_BYTES)
        account = Account(site.code, f"{site.root_url}/admin/", username, password, role)
        found.append(_Wanted(account, title, role))
    return found


def _forget_unknown_passwords(site: Subsite, items: list[_Wanted]) -> None:
    """Shut accounts whose password is in no file; the one that the file is about to get opens them again."""
    if items:
        with in_site(site):
            names = [item.account.username for item in items]
            User.objects.filter(username__in=names).update(password=make_password(None))


@transaction.atomic
def _make_site_accounts(site: Subsite, items: list[_Wanted]) -> None:
    tell_database()  # each role given is a line of the ledger
    people = [_person(site, item) for item in items]
    Person.objects.bulk_create(people, ignore_conflicts=True)
    with in_site(site):
        there = {user.username: user for user in User.objects.filter(username__in=[i.account.username for i in items])}
        new = [_user(site, item, person) for item, person in zip(items, people, strict=True)]
        User.objects.bulk_create([user for user in new if user.username not in there])
        for item in items:
            user = there.get(item.account.username)
            if user and not _accepts(user.password, item.account.password):
                User.objects.filter(pk=user.pk).update(password=hashed(item.account.password))
        _join_groups(items)


def _join_groups(items: list[_Wanted]) -> None:
    groups = dict(Group.objects.filter(name__in=[item.group for item in items]).values_list("name", "pk"))
    users = dict(User.objects.filter(username__in=[i.account.username for i in items]).values_list("username", "pk"))
    memberships = User.groups.through
    memberships.objects.bulk_create(
        [memberships(user_id=users[i.account.username], group_id=groups[i.group]) for i in items if i.group in groups],
        ignore_conflicts=True,
    )


def _person(site: Subsite, item: _Wanted) -> Person:
    """Give the same person for the same account in every run."""
    return Person(
        uuid=uuid.uuid5(NAMES, item.account.username), name=f"{_short(site)}{item.title}（演示）", unit=site.name
    )


def _user(site: Subsite, item: _Wanted, person: Person) -> User:
    return User(
        username=item.account.username,
        password=hashed(item.account.password),
        last_name=f"{_short(site)}{item.title}（演示）",
        person_uuid=person.pk,
        is_active=True,
    )


def _short(site: Subsite) -> str:
    return site.short_name or site.code


def hashed(password: str) -> str:
    """Hash a random password with few rounds; see ROUNDS for why that is enough."""
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return hasher.encode(password, hasher.salt(), iterations=ROUNDS)
    return make_password(password)


def _accepts(stored: str, password: str) -> bool:
    """Tell whether a stored password is the one in the file.

    One with the full count of rounds was used, or changed by its owner: it is left alone, and not tried at a quarter of
    a second each.
    """
    if not is_password_usable(stored):
        return False
    hasher = identify_hasher(stored)
    if isinstance(hasher, PBKDF2PasswordHasher) and hasher.decode(stored)["iterations"] != ROUNDS:
        return True
    return bool(hasher.verify(password, stored))
