"""Create and drop the database of one test run, beside the one that DATABASE_URL names."""

import os

import psycopg2
from django.conf import settings
from django.db import connection

_asked = settings.DATABASES["default"]["NAME"]


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


def create_test_database() -> str:
    """Create test_<name>_<pid> and point Django's connection at it."""
    name = f"test_{_asked}_{os.getpid()}"
    raw = _admin()
    with raw.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" ENCODING \'UTF8\' TEMPLATE template0')
    raw.close()
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    return name


def drop_test_database(name: str) -> None:
    """Drop the run's database, whoever is still connected."""
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = _asked
    raw = _admin()
    with raw.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    raw.close()
