"""What the registry cannot take is judged all the same, and when the last try has failed, office and editor are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.module_loading import import_string

from cluster.audit.actor import acting_as
from cluster.context import in_site
from cluster.findings.models import NOT_ENTERED, Finding
from cluster.resources import projection
from cluster.resources.backlog import retry_parked
from cluster.resources.feed import MAX_ATTEMPTS
from cluster.resources.models import Mark
from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from tests.sites.common.gate.conftest import GOOD
from tests.support.articles import page_in, publish_article
from tests.support.people import make_user, sign_in
from tests.support.registry import is_tombstone, row_of
from tests.support.violations import twinned
from tests.support.working import work_until_idle


@pytest.fixture(autouse=True)
def no_marks_left(living: tuple[Subsite, Subsite]) -> Iterator[None]:
    yield
    Mark.objects.all().delete()


@contextmanager
def nothing_of_these_is_entered(monkeypatch: pytest.MonkeyPatch, site: Subsite, *pages: ArticlePage) -> Iterator[None]:
    """Let the database refuse the rows of these pages while the block runs, as for a number that is there twice."""
    write, page_ids = projection._write, {page.pk for page in pages}

    def refuse(into: Subsite, created: list[Any], updated: list[Any]) -> None:
        rows = [row for row in [*created, *updated] if row.is_published and row.page_id in page_ids]
        if into.pk == site.pk and rows:
            raise IntegrityError("duplicate key value violates unique constraint")
        write(into, created, updated)

    with monkeypatch.context() as patched:
        patched.setattr(projection, "_write", refuse)
        yield


def write_sql(site: Subsite, page: ArticlePage, words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {site.schema_name}.content_articlepage SET {words} WHERE page_ptr_id = %s", [page.pk])


def last_try() -> None:
    """Let the next try be the last, and work it."""
    Mark.objects.filter(parked_at=None).update(attempts=MAX_ATTEMPTS - 1, not_before="2020-01-01T00:00:00Z")
    work_until_idle()


@twinned("raw SQL: of content that the registry cannot take, taken off")
def test_what_breaks_a_rule_is_taken_off_though_it_cannot_be_entered(
    ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha, _ = ruled_pair
    twin = publish_article(alpha, "孪生通知", column="tzgg", **GOOD)
    work_until_idle()
    with nothing_of_these_is_entered(monkeypatch, alpha, ours, twin):
        write_sql(alpha, ours, "summary = ''")
        write_sql(alpha, twin, "summary = '别的摘要'")
        work_until_idle()
        assert (page_in(alpha, ours).live, page_in(alpha, twin).live) == (False, True)
        assert is_tombstone(alpha, ours)
        last_try()
        assert page_in(alpha, twin).live
    assert {(one.page_id, one.kind) for one in Finding.objects.all()} == {(ours.pk, "taken_off"), (twin.pk, "held")}


def test_judging_alone_takes_off_what_breaks_a_rule(ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage) -> None:
    alpha, _ = ruled_pair
    twin = publish_article(alpha, "孪生通知", column="tzgg", **GOOD)
    work_until_idle()
    write_sql(alpha, ours, "summary = ''")
    write_sql(alpha, twin, "summary = '别的摘要'")
    with transaction.atomic(), in_site(alpha), acting_as(name="变更登记程序", site="alpha", occasion="补做检查"):
        projection.judge_pages([ours.pk, twin.pk], import_string(settings.GATE_RECHECK))
    assert (page_in(alpha, ours).live, page_in(alpha, twin).live) == (False, True)
    assert row_of(alpha, twin).summary != "别的摘要"
    work_until_idle()
    assert row_of(alpha, twin).summary == "别的摘要"


def test_after_the_last_try_office_and_editor_are_told_until_it_is_entered(
    ruled_pair: tuple[Subsite, Subsite],
    ours: ArticlePage,
    monkeypatch: pytest.MonkeyPatch,
    mailoutbox: list[Any],
    client_for: Callable[[Subsite], Client],
) -> None:
    alpha, beta = ruled_pair
    work_until_idle()
    with in_site(alpha):
        owner = make_user(alpha)
        type(owner).objects.filter(pk=owner.pk).update(email="editor@example.cn")
        ArticlePage.objects.filter(pk=ours.pk).update(owner=owner)
    console = Subsite.objects.get(code="console")
    office = sign_in(client_for(console), make_user(console, "office"))
    work_until_idle()
    with nothing_of_these_is_entered(monkeypatch, alpha, ours):
        write_sql(alpha, ours, "summary = '别的摘要'")
        work_until_idle()
        assert not Finding.objects.exists(), "it is tried again"
        for _ in range(2):
            last_try()
            finding = Finding.objects.get(settled_at=None)
            assert (finding.site, finding.page_id, finding.kind) == (alpha, ours.pk, "held")
            assert finding.verdicts[0]["rule_id"] == NOT_ENTERED
            retry_parked()
            work_until_idle()
        last_try()
        assert [mail.to for mail in mailoutbox] == [["editor@example.cn"]]
        for path in ("/admin/", "/admin/console/feed/"):
            assert "改动没有登记成功" in office.get(path).content.decode()
        assert "没有登记成功" in office.get("/admin/console/findings/").content.decode()
        assert not Finding.objects.filter(site=beta).exists()
    retry_parked()
    work_until_idle()
    assert row_of(alpha, ours).summary == "别的摘要"
    assert not Finding.objects.filter(settled_at=None).exists()
    assert "改动没有登记成功" not in office.get("/admin/").content.decode()
