"""Every schema carries the triggers that tell the feed of changes, also after a later migration or a meddling hand."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from modelcluster.fields import ParentalKey
from wagtail.models import Page

from cluster.resources import triggers
from cluster.subsites.migration import base_schemas_present, site_schemas
from cluster.subsites.models import Subsite


def test_every_page_type_and_inline_table_is_expected() -> None:
    tables = {trigger.table for trigger in triggers.expected()}
    for model in apps.get_models():
        if issubclass(model, Page):
            assert model._meta.db_table in tables, f"{model} has no trigger"
        for field in model._meta.local_fields:
            if (
                isinstance(field, ParentalKey)
                and field.related_model is not Page
                and issubclass(field.related_model, Page)
            ):
                assert model._meta.db_table in tables, f"{model} has no trigger"


@pytest.mark.django_db
def test_every_schema_has_them_all_and_enabled() -> None:
    found, schemas = triggers.installed_digests(), [*base_schemas_present(), *site_schemas()[0]]
    assert len(schemas) >= 9
    for schema in schemas:
        assert found[schema] == triggers.schema_digest(), schema


@pytest.mark.parametrize(
    "meddling",
    [
        "DROP TRIGGER qz_mark ON site_alpha.content_articlepage",
        "ALTER TABLE site_alpha.wagtailcore_page DISABLE TRIGGER qz_mark",
        "DROP TRIGGER qz_truncate ON site_alpha.content_articleattachment",
    ],
)
def test_a_missing_or_disabled_one_is_found_and_put_back(living: tuple[Subsite, Subsite], meddling: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(meddling)
    assert triggers.installed_digests()["site_alpha"] != triggers.schema_digest()
    assert triggers.installed_digests()["site_beta"] == triggers.schema_digest()
    call_command("migrate_cluster", stdout=StringIO())
    assert triggers.installed_digests()["site_alpha"] == triggers.schema_digest()
