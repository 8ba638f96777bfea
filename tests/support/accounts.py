"""Accounts that sign in to the running product, whose password hashes are not the quick ones of the tests.

Used by tests/flows; tests that stay inside the process take tests.support.people.
"""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from cluster.accounts.models import User
from cluster.context import in_site
from cluster.subsites.models import Subsite
from tests.support.people import PASSWORD, make_user


def make_account(site: Subsite, role: str = "editor", name: str = "") -> User:
    """Create an account of this role that can sign in over HTTP with PASSWORD."""
    user = make_user(site, role, name)
    # With the product's own rounds: it would renew a weaker hash at the first sign-in and so end sessions begun beside it.
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(PASSWORD, hasher.salt())
    with in_site(site):
        user.save(update_fields=["password"])
    return user
