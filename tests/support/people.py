"""Accounts of the living sites for tests, in the groups that the moulds bring along."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from wagtail.models import APIToken

from cluster.accounts.models import User
from cluster.context import in_public, in_site
from cluster.staff.models import Person
from cluster.subsites.models import Subsite

PASSWORD = "shi-yong-mi-ma-2026"


def make_user(site: Subsite, role: str = "editor", name: str = "") -> User:
    """Create an account of this role in the site, with a person behind it."""
    with in_public():
        person = Person.objects.create(name=name or f"{site.code} {role}")
    with in_site(site):
        user = get_user_model().objects.create_user(
            username=name or f"{site.code}-{role}", password=PASSWORD, person_uuid=person.pk
        )
        user.groups.add(Group.objects.get(name=role))
        return user


def sign_in(client, user: User):
    """Sign the account in through the site's own form and return the client."""
    response = client.post("/admin/login/", {"username": user.username, "password": PASSWORD, "next": "/admin/"})
    assert response.status_code == 302, response.content[:500]
    return client


def api_token(site: Subsite, user: User) -> str:
    """Give the account an API token and return its text."""
    with in_site(site):
        token = APIToken.generate_token()
        APIToken.objects.create(user=user, name="测试", key_hash=APIToken.hash_token(token), prefix=token[:12])
        return token
