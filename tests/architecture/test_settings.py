"""Settings that hold the product together: dotted paths that lead somewhere, and what keeps the sites apart."""

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from django_tenants.cache import make_key

STEPS = [*settings.BASE_SCHEMA_STEPS, *settings.PROVISIONING_STEPS]


# ---- dotted paths


@pytest.mark.parametrize("path", STEPS)
def test_steps_resolve_to_functions(path: str) -> None:
    assert callable(import_string(path))


@pytest.mark.parametrize("path", settings.WORKER_TASKS)
def test_tasks_resolve_to_tasks(path: str) -> None:
    task = import_string(path)
    assert isinstance(task.name, str)
    assert callable(task.run)
    assert float(getattr(task, "interval", 1.0)) > 0


def test_tasks_have_different_names() -> None:
    names = [import_string(path).name for path in settings.WORKER_TASKS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", [*settings.MIDDLEWARE, *settings.TEMPLATES[0]["OPTIONS"]["context_processors"]])
def test_middleware_and_context_processors_resolve(path: str) -> None:
    assert callable(import_string(path))


def test_sites_come_before_everything_else() -> None:
    """Whatever ran before SiteMiddleware would run in the site of the request before."""
    assert settings.MIDDLEWARE.index("cluster.middleware.SiteMiddleware") == 1
    # The one before it asks no database, as its own tests show, and is told of the site afterwards.
    assert settings.MIDDLEWARE[0] == "cluster.edge.middleware.StoreMiddleware"


# ---- caches, sessions, files: the settings that keep sites apart


@pytest.mark.parametrize("alias", sorted(settings.CACHES))
def test_every_cache_knows_the_site(alias: str) -> None:
    assert import_string(settings.CACHES[alias]["KEY_FUNCTION"]) is make_key


def test_the_database_backend_and_router_are_the_clusters() -> None:
    assert settings.DATABASES["default"]["ENGINE"] == "cluster.postgresql"
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is True
    assert settings.DATABASE_ROUTERS == ["django_tenants.routers.TenantSyncRouter"]
    assert list(settings.DATABASES) == ["default"]


def test_uploads_go_into_the_folder_of_the_site() -> None:
    assert settings.STORAGES["default"]["BACKEND"] == "django_tenants.files.storage.TenantFileSystemStorage"
