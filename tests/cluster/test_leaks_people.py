"""Leak L11: whoever is signed in at one site is a stranger at every other."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings

from cluster.context import in_site
from cluster.subsites.base_schemas import base_site
from cluster.subsites.migration import BARE
from cluster.subsites.models import SiteKind, Subsite
from tests.cluster.test_leaks_caches import WITHOUT_THE_FIX
from tests.support.people import PASSWORD, make_user, sign_in

CACHED_SESSIONS = {"SESSION_ENGINE": "django.contrib.sessions.backends.cache", "CACHES": WITHOUT_THE_FIX}
ClientFor = Callable[[Subsite], Client]


def _with_cookies_of(client: Client, site: Subsite, client_for: ClientFor) -> Client:
    other = client_for(site)
    for name, morsel in client.cookies.items():
        other.cookies[name] = morsel.value
    return other


def _twins(alpha: Subsite, beta: Subsite) -> None:
    """Make an account of the same number, name and password hash in both sites, as clones of one mould would have."""
    users = {site: make_user(site, "editor", name="zhang-san") for site in (alpha, beta)}
    hashed = users[alpha].password
    for site in (alpha, beta):
        with in_site(site):
            user = get_user_model().objects.get(username="zhang-san")
            user.delete()
            user.pk, user.password = 900_001, hashed
            user.save(force_insert=True)
            user.groups.add(Group.objects.get(name="editor"))


def test_l11_a_cookie_of_alpha_opens_nothing_in_beta(alpha: Subsite, beta: Subsite, client_for: ClientFor) -> None:
    _twins(alpha, beta)
    client = sign_in(client_for(alpha), _user(alpha))
    assert client.get("/admin/").status_code == 200
    stranger = _with_cookies_of(client, beta, client_for)
    answer = stranger.get("/admin/")
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")
    assert sign_in(client_for(beta), _user(beta)).get("/admin/").status_code == 200


def test_l11_leaks_with_sessions_in_a_shared_cache(alpha: Subsite, beta: Subsite, client_for: ClientFor) -> None:
    """With sessions in a cache that does not know the site, alpha's editor walks into beta as its namesake."""
    with override_settings(**CACHED_SESSIONS):
        _twins(alpha, beta)
        client = sign_in(client_for(alpha), _user(alpha))
        assert _with_cookies_of(client, beta, client_for).get("/admin/").status_code == 200


def _user(site: Subsite):
    with in_site(site):
        return get_user_model().objects.get(username="zhang-san")


def test_l11_a_password_is_good_in_its_own_site_only(alpha: Subsite, beta: Subsite, client_for: ClientFor) -> None:
    make_user(alpha, "editor", name="li-si")
    form = {"username": "li-si", "password": PASSWORD, "next": "/admin/"}
    assert client_for(beta).post("/admin/login/", form).status_code == 200  # the form again
    assert client_for(alpha).post("/admin/login/", form).status_code == 302


def test_l11_sessions_lie_in_the_sites_schema(alpha: Subsite, beta: Subsite, client_for: ClientFor) -> None:
    sign_in(client_for(alpha), make_user(alpha, "editor", name="wang-wu"))
    counts = []
    for site in (alpha, beta):
        with in_site(site):
            counts.append(Session.objects.count())
    assert counts == [1, 0]


def test_l11_cookies_belong_to_one_host() -> None:
    """No domain of cookies, no cached sessions: one line in the settings would undo the rest."""
    assert settings.SESSION_COOKIE_DOMAIN is None
    assert settings.CSRF_COOKIE_DOMAIN is None
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"


@pytest.mark.django_db
@pytest.mark.parametrize("schema_name", [BARE, *(base_site(kind).schema_name for kind in SiteKind.values)])
def test_l11_a_mould_has_no_account(schema_name: str) -> None:
    """An account in a mould would be born with every site, password hash and all."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{schema_name}".accounts_user')
        assert cursor.fetchone()[0] == 0
        cursor.execute(f'SELECT count(*) FROM "{schema_name}".django_session')
        assert cursor.fetchone()[0] == 0


def test_l11_nobody_is_superuser(alpha: Subsite, beta: Subsite, console: Subsite) -> None:
    """Wagtail shows a superuser the site row, locales and groups; no role of ours needs that."""
    for site in (alpha, beta, console):
        make_user(site, "office" if site == console else "site_admin")
        with in_site(site):
            assert not get_user_model().objects.filter(is_superuser=True).exists()
