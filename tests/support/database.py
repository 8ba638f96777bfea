"""The database of one test run: a copy of a template that is built once for each state of the schema.

Building takes half a minute (all migrations, six moulds, three sites), copying a second. The template's name carries a digest of
everything that shapes it, so a changed migration or column template builds a new one. Of processes that begin together one
builds, and the others wait for it.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import closing, suppress

import psycopg2
from django.conf import settings
from django.db import connection

from tests.support.dropping import drop_database

BUILDING = 7_301_184
_asked = settings.DATABASES["default"]["NAME"]
SHAPED_BY = (
    "*/**/migrations/*.py",
    "cluster/accounts/ledger.py",
    "cluster/edge/contribution.py",
    "cluster/*/sql/*.sql",
    "cluster/resources/contributions.py",
    "cluster/resources/public_schema.py",
    "cluster/resources/triggers.py",
    "sites/*/sql/*.sql",
    "sites/common/gate/triggers.py",
    "cluster/column_templates/*.py",
    "cluster/subsites/base_schemas.py",
    "cluster/subsites/web_rights.py",
    "cluster/subsites/data/*.csv",
    "sites/columns/planting/*.py",
    "sites/content/numbering_guard.py",
    "sites/columns/lock/*.sql",
    "sites/columns/lock/contribution.py",
    "templates/columns/*.toml",
    "requirements.txt",
    "tests/conftest.py",
)


def _schema_digest() -> str:
    digest = hashlib.sha256()
    for pattern in SHAPED_BY:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            if ".venv" not in path.parts and "var" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def template_name() -> str:
    """Return the name of the template database that fits the present state of the schema."""
    return f"tpl_{_asked}_{_schema_digest()}"


def _admin() -> "psycopg2.extensions.connection":
    parameters = {**settings.DATABASES["default"], "NAME": _asked}
    raw = psycopg2.connect(
        dbname=_asked,
        user=parameters["USER"] or None,
        password=parameters["PASSWORD"] or None,
        host=parameters["HOST"] or None,
        port=parameters["PORT"] or None,
    )
    raw.autocommit = True
    return raw


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _template(build: Callable[[], None]) -> str:
    """Return the name of the template database, built now if it is not there."""
    template = template_name()
    with closing(_admin()) as raw, raw.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BUILDING])  # until the connection is closed
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"tpl_{_asked}_%"])
        present = {row[0] for row in cursor.fetchall()}
        if template in present:
            return template
        for old in present:
            with suppress(psycopg2.Error):  # somebody copies from it just now
                cursor.execute(f'DROP DATABASE "{old}"')
        building = f"building_{_asked}_{os.getpid()}"
        drop_database(cursor, building)
        cursor.execute(f"CREATE DATABASE \"{building}\" ENCODING 'UTF8' TEMPLATE template0")
        _use(building)
        build()
        _use(_asked)
        cursor.execute(f'ALTER DATABASE "{building}" RENAME TO "{template}"')
    return template


def create_test_database(build: Callable[[], None]) -> str:
    """Create test_<name>_<pid> as a copy of the template and point Django's connection at it."""
    template = _template(build)
    name = f"test_{_asked}_{os.getpid()}"
    raw = _admin()
    with raw.cursor() as cursor:
        drop_database(cursor, name)
        # FILE_COPY checkpoints; the copying by WAL is quicker for a database of this size.
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY WAL_LOG')
    raw.close()
    _use(name)
    return name


def drop_test_database(name: str) -> None:
    """Drop the run's database, whoever is still connected."""
    _use(_asked)
    raw = _admin()
    with raw.cursor() as cursor:
        drop_database(cursor, name)
    raw.close()
