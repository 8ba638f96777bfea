"""Clients of the console for its tests: office, inspector, an account without a role, an editor of another site."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from cluster.context import in_site
from cluster.subsites.models import Subsite
from tests.support.people import PASSWORD, make_user, sign_in

ClientFor = Callable[..., Client]


@pytest.fixture
def office(console: Subsite, client_for: ClientFor) -> Client:
    """Return a client signed in as the office."""
    return sign_in(client_for(console), make_user(console, "office", "王敏"))


@pytest.fixture
def inspector(console: Subsite, client_for: ClientFor) -> Client:
    """Return a client signed in as an inspector."""
    return sign_in(client_for(console), make_user(console, "inspector", "李强"))


@pytest.fixture
def roleless(console: Subsite, client_for: ClientFor) -> Client:
    """Return a client signed in to the console with a superuser's flag and the right to enter, but without a role."""
    with in_site(console):
        user = get_user_model().objects.create_user("nobody", password=PASSWORD)
        user.user_permissions.add(Permission.objects.get(codename="access_admin"))
        user.is_superuser = True
        user.save()
    return sign_in(client_for(console), user)


@pytest.fixture
def editor(alpha: Subsite, client_for: ClientFor) -> Client:
    """Return a client signed in to alpha as its editor."""
    return sign_in(client_for(alpha), make_user(alpha, "editor"))


@pytest.fixture
def console_of_living(living: tuple[Subsite, Subsite]) -> Subsite:
    """Return the console for a test that commits."""
    return Subsite.objects.get(code="console")
