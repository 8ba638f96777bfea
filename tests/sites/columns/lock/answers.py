"""What a site's columns are and what a deed was answered with, in the words of the tests of the lock."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.http import HttpResponse

from cluster.context import in_site
from cluster.subsites.models import Subsite
from tests.sites.columns.lock.deeds import Scene

LOCKED = "由全省统一的栏目模板设置"
WHOM = "请联系省级管理部门"


def tree(site: Subsite) -> dict[int, tuple[Any, ...]]:
    """Everything of a site's columns that the lock keeps, by page."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.id, p.path, p.title, p.draft_title, p.seo_title, p.slug, p.url_path, p.depth, p.live, p.expired, p.go_live_at,
                       p.expire_at, p.show_in_menus, p.content_type_id, p.alias_of_id, c.code, c.column_class, c.column_type,
                       c.description, c.keywords, c.fed_by, c.planted, c.open_below, c.placed_under, c.shows_dates,
                       (SELECT count(*) FROM {site.schema_name}.wagtailcore_pageviewrestriction r WHERE r.page_id = p.id)
                FROM {site.schema_name}.wagtailcore_page p LEFT JOIN {site.schema_name}.columns_columnpage c ON c.page_ptr_id = p.id"""
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def attempt(scene: Scene, deed: Callable[..., Any], page: Any) -> str:
    """Return what the deed was answered with: the sentence of a refusal, or ""."""
    try:
        with in_site(scene.site), transaction.atomic():
            response = deed(scene, page)
    except (ValidationError, DatabaseError, PermissionDenied) as error:
        return str(error)
    return "" if response is None else said_in(response)


def said_in(response: HttpResponse) -> str:
    """Return what the API reports, or the messages of the admin's page; the explorer's lock signs are no answer."""
    assert response.status_code < 500, response.content
    if "json" in response["Content-Type"]:
        return response.content.decode() if response.status_code >= 400 else ""
    soup = BeautifulSoup(response.content, "html.parser")
    return " ".join(
        found.get_text(" ", strip=True) for found in soup.select(".messages .error, .error-message, .help-critical")
    )


def refused(deed: Callable[[], object]) -> str:
    """Return the words of a refusal; fail where there was none."""
    with (
        pytest.raises((ValidationError, DatabaseError, ProtectedError, PermissionDenied)) as caught,
        transaction.atomic(),
    ):
        deed()
    return str(caught.value)


def sql(statement: str) -> None:
    """Run the statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
