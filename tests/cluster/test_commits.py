"""What is asked before a commit: everything of a transaction that has written, nothing more of one that has read."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from cluster.context import in_site
from cluster.postgresql.base import DatabaseWrapper
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note when watchers are asked before a commit, and called after it."""
    noted: list[str] = []

    def watch() -> Callable[[], None]:
        noted.append("before")
        return lambda: noted.append("after")

    monkeypatch.setattr(DatabaseWrapper, "commit_watchers", [*DatabaseWrapper.commit_watchers, watch])
    return noted


def test_who_has_only_read_is_asked_one_thing(living: tuple[Subsite, Subsite], watched: list[str]) -> None:
    with CaptureQueriesContext(connection) as asked, transaction.atomic(), in_site(living[0]):
        assert Page.objects.exists()
    assert watched == []
    assert [query["sql"] for query in asked if "xact_id" in query["sql"]] != []
    assert [query["sql"] for query in asked if "CONSTRAINTS" in query["sql"] or "qz_edge_take" in query["sql"]] == []


def test_who_has_written_anything_is_looked_at(living: tuple[Subsite, Subsite], watched: list[str]) -> None:
    alpha, _ = living
    page = publish_article(alpha, "写过的")
    del watched[:]
    with CaptureQueriesContext(connection) as asked, transaction.atomic(), in_site(alpha):
        Page.objects.filter(pk=page.pk).update(title="写过的一条")
    assert watched == ["before", "after"]
    assert [query["sql"] for query in asked if "CONSTRAINTS" in query["sql"]] != []


def test_what_a_savepoint_wrote_counts_too(living: tuple[Subsite, Subsite], watched: list[str]) -> None:
    alpha, _ = living
    page = publish_article(alpha, "写过的")
    del watched[:]
    with transaction.atomic(), in_site(alpha):
        with transaction.atomic():
            Page.objects.filter(pk=page.pk).update(title="写过的一条")
        assert Page.objects.exists()
    assert watched == ["before", "after"]
