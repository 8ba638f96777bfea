"""Every table that decides what citizens see tells the feed of its changes, in each schema, also after a later migration."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from modelcluster.fields import ParentalKey
from wagtail.models import Page

from cluster.resources import triggers
from cluster.resources.models import Mark
from cluster.resources.triggers import TableTrigger
from cluster.subsites.base_schemas import base_site
from cluster.subsites.models import SiteKind, Subsite
from cluster.subsites.services import open_site

LATER = TableTrigger("content_later", "page", "page_id")


def _page_models() -> list[type[Page]]:
    return [model for model in apps.get_models() if issubclass(model, Page) and not model._meta.proxy]


def _schemas() -> list[str]:
    moulds = [base_site(kind).schema_name for kind in SiteKind.values]
    return [*moulds, *Subsite.objects.values_list("schema_name", flat=True)]


@pytest.mark.parametrize("model", _page_models(), ids=lambda model: model._meta.label)
def test_every_page_model_has_a_trigger(model: type[Page]) -> None:
    """Said without the function that installs them: an update of a type's own table touches no other."""
    assert model._meta.db_table in {trigger.table for trigger in triggers.expected()}


def test_every_inline_table_of_a_page_type_has_a_trigger() -> None:
    guarded = {trigger.table for trigger in triggers.expected()}
    inline = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, ParentalKey) and issubclass(field.related_model, Page) and field.related_model is not Page
    }
    assert "content_articleattachment" in inline
    assert inline <= guarded


def test_every_many_to_many_table_of_a_page_type_has_a_trigger() -> None:
    guarded = {trigger.table for trigger in triggers.expected()}
    for model in _page_models():
        for many in model._meta.local_many_to_many:
            through = many.remote_field.through
            assert not through._meta.auto_created or through._meta.db_table in guarded, through


def test_what_decides_on_visibility_has_a_trigger() -> None:
    assert {trigger.table for trigger in triggers.expected()} >= {
        "wagtailcore_page",
        "wagtailcore_pageviewrestriction",
        "wagtailcore_collection",
        "wagtailcore_collectionviewrestriction",
        "wagtailcore_site",
        "wagtaildocs_document",
        "wagtailimages_image",
    }


@pytest.mark.django_db
def test_every_schema_has_them_all_and_enabled() -> None:
    installed = triggers.installed_digests()
    for name in _schemas():
        assert installed.get(name) == triggers.schema_digest(), name


@pytest.mark.django_db
def test_every_trigger_calls_a_function_in_public() -> None:
    """A function cloned into the site's schema would be the site's own, and stay behind when ours changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT fn.nspname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
               JOIN pg_namespace fn ON fn.oid = p.pronamespace WHERE t.tgname LIKE 'qz\\_%'"""
        )
        assert cursor.fetchall() == [("public",)]


# ---- a later version adds a table


def _forget_what_was_expected() -> None:
    for function in (triggers.expected, triggers.functions_sql, triggers.functions_digest, triggers.schema_digest):
        function.cache_clear()


@pytest.fixture
def later_table(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A version whose pages have one more inline table, created in every schema, as its migration would."""
    with connection.cursor() as cursor:
        for name in _schemas():
            cursor.execute(f'CREATE TABLE "{name}".content_later (id bigint PRIMARY KEY, page_id bigint)')
    known = triggers._page_tables()
    monkeypatch.setattr(triggers, "_page_tables", lambda: {*known, LATER})
    _forget_what_was_expected()
    yield
    monkeypatch.undo()
    _forget_what_was_expected()


@pytest.mark.usefixtures("later_table")
def test_a_later_table_without_its_trigger_is_noticed_and_healed(alpha: Subsite, beta: Subsite) -> None:
    """All schemas differ from what is expected; migrate_cluster heals moulds and sites; new sites inherit the trigger."""
    assert triggers.schema_digest() not in triggers.installed_digests().values()
    call_command("migrate_cluster")
    installed = triggers.installed_digests()
    assert {installed[name] for name in _schemas()} == {triggers.schema_digest()}
    gamma = open_site(code="gamma", name="丙县", kind="county", region_code="230183")
    assert triggers.installed_digests()[gamma.schema_name] == triggers.schema_digest()
    Mark.objects.all().delete()
    with connection.cursor() as cursor:
        for number, site in enumerate((alpha, gamma)):
            cursor.execute(f"INSERT INTO {site.schema_name}.content_later VALUES (1, %s)", [number + 41])
    marks = Mark.objects.order_by("object_id").values_list("schema_name", "scope", "object_id")
    assert list(marks) == [("site_alpha", "page", 41), ("site_gamma", "page", 42)]
