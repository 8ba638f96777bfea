"""Every table has one home: `public`, or the schema of each site. And every schema has the same tables."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from cluster.subsites.base_schemas import base_site, tables_of
from cluster.subsites.migration import BARE
from cluster.subsites.models import SiteKind, Subsite

# Django and django-tenants keep these in both: each schema has its own list of migrations and its own numbers of types.
IN_BOTH = {"django_migrations", "django_content_type"}
# Made and written by the lock's own functions (sites/columns/lock/lock.sql); no model may reach it.
OF_THE_LOCK = {"column_templates_opening"}


def _tables(app_names: list[str]) -> set[str]:
    """Return the tables of these apps, those of many-to-many relations included."""
    names = set()
    for config in apps.get_app_configs():
        if config.name in app_names or f"{type(config).__module__}.{type(config).__name__}" in app_names:
            models = config.get_models(include_auto_created=True)
            names |= {model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy}
    return names


def test_every_app_is_installed_from_a_list_that_says_where() -> None:
    listed = {*settings.SHARED_APPS, *settings.TENANT_APPS, *settings.OTHER_APPS}
    assert set(settings.INSTALLED_APPS) == listed
    assert set(settings.SHARED_APPS) & set(settings.TENANT_APPS) == {"django.contrib.contenttypes"}


def test_every_model_has_one_home() -> None:
    """An app in neither list has no table; a model in both would be read from the wrong place without a word."""
    shared, of_sites = _tables(settings.SHARED_APPS), _tables(settings.TENANT_APPS)
    homeless = _tables(settings.OTHER_APPS)
    assert shared & of_sites == IN_BOTH - {"django_migrations"}
    assert homeless - shared - of_sites == set()
    every = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    assert every == shared | of_sites


@pytest.mark.django_db
def test_public_holds_the_shared_tables_and_no_other() -> None:
    """`public` is second in the search path: a site's table that lay there would hide that the site lacks it."""
    assert tables_of("public") == _tables(settings.SHARED_APPS) | IN_BOTH | OF_THE_LOCK


@pytest.mark.django_db
@pytest.mark.parametrize("name", [BARE, *(base_site(kind).schema_name for kind in SiteKind.values)])
def test_moulds_hold_the_tables_of_sites_and_no_other(name: str) -> None:
    assert tables_of(name) == _tables(settings.TENANT_APPS) | IN_BOTH


def test_living_sites_hold_the_tables_of_sites_and_no_other(alpha: Subsite, beta: Subsite, console: Subsite) -> None:
    for site in (alpha, beta, console):
        assert tables_of(site.schema_name) == _tables(settings.TENANT_APPS) | IN_BOTH, site.code


@pytest.mark.django_db
def test_all_schemas_have_the_same_columns() -> None:
    """Names, types, defaults and order of every column, of moulds and sites alike."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.nspname, md5(string_agg(format('%s.%s %s %s', c.relname, a.attname,
                      format_type(a.atttypid, a.atttypmod), a.attnotnull), ',' ORDER BY c.relname, a.attname))
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname ~ '^(site|base)_' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
               GROUP BY n.nspname"""
        )
        digests = dict(cursor.fetchall())
    assert len(digests) >= 10
    assert len(set(digests.values())) == 1, digests


@pytest.mark.django_db
def test_no_foreign_key_leaves_its_schema() -> None:
    """A site can be cloned, moved and restored by itself: it holds codes and uuids of shared rows, never keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
               WHERE k.contype = 'f' AND c.relnamespace <> f.relnamespace"""
        )
        assert cursor.fetchall() == []
