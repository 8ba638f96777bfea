"""Every table has one home, every page its say in the registry, every dotted path an end."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import import_string
from wagtail.models import Page

# Django's own table of content types stands in both: each schema numbers its own models.
IN_BOTH = {"django.contrib.contenttypes"}


def test_every_model_has_one_home() -> None:
    shared, tenant = set(settings.SHARED_APPS), set(settings.TENANT_APPS)
    assert shared & tenant == IN_BOTH
    for config in apps.get_app_configs():
        if list(config.get_models(include_auto_created=True)):
            names = {config.name, f"{config.__module__}.{config.__class__.__name__}"}
            assert names & (shared | tenant), f"{config.name} keeps tables but stands in no list"


def test_every_page_type_of_ours_decides_on_the_registry() -> None:
    ours = [model for model in apps.get_models() if issubclass(model, Page) and model.__module__.startswith("sites.")]
    assert ours
    for model in ours:
        assert hasattr(model, "registry_queryset"), model
        assert hasattr(model, "registry_entry"), model


@pytest.mark.parametrize("name", ["BASE_SCHEMA_STEPS", "PROVISIONING_STEPS", "WORKER_TASKS"])
def test_dotted_paths_lead_somewhere(name: str) -> None:
    paths = getattr(settings, name)
    assert paths
    for path in paths:
        assert import_string(path) is not None


def test_every_cache_keeps_sites_apart() -> None:
    for alias, cache in settings.CACHES.items():
        assert cache["KEY_FUNCTION"] == "django_tenants.cache.make_key", alias


@pytest.mark.django_db
def test_no_migration_is_pending() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
