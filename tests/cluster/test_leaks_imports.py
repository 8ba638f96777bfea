"""Leak L12: a module that asks the database while it is imported asks in `public`, where a site's tables are not."""

import subprocess
import sys
import textwrap

import pytest
from django.conf import settings

PREPARE = """
import importlib, os, pkgutil
os.environ["DJANGO_SETTINGS_MODULE"] = "cluster.settings.test"
import django
from django.db.backends.base.base import BaseDatabaseWrapper

def refuse(self):
    raise SystemExit("a module asked the database while it was imported")

BaseDatabaseWrapper.connect = refuse
"""
IMPORT_EVERYTHING = """
django.setup()
for room in ("cluster", "sites", "search"):
    for module in pkgutil.walk_packages([room], room + "."):
        if not module.name.endswith("__main__") and ".settings." not in module.name and ".migrations." not in module.name:
            importlib.import_module(module.name)
from django.core.checks import run_checks
from django.urls import get_resolver
for urlconf in ("cluster.urls.site", "cluster.urls.console"):
    assert get_resolver(urlconf).reverse_dict
run_checks()
import cluster.wsgi
print("ready")
"""
ASK_WHILE_IMPORTING = """
django.setup()
from wagtail.models import Locale
LANGUAGES = list(Locale.objects.values_list("language_code"))
"""


def _run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(PREPARE + script)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_l12_no_module_asks_the_database_while_it_is_imported() -> None:
    """All modules, both lists of addresses and all checks load without a database."""
    done = _run(IMPORT_EVERYTHING)
    assert (done.returncode, done.stdout.strip()) == (0, "ready"), done.stderr[-2000:]


@pytest.mark.parametrize("script", [ASK_WHILE_IMPORTING])
def test_l12_a_module_that_asks_is_caught(script: str) -> None:
    done = _run(script)
    assert done.returncode == 1
    assert "while it was imported" in done.stderr
