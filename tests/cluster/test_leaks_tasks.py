"""Leaks L7 and L8: background tasks that run in the wrong site, or fail without a word.

The fix of L7 is the immediate backend: Wagtail's tasks run in the request or command that caused them, in its site and its
transaction. The fix of L8 is cluster.worker.task_watch.
"""

import logging

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django_tasks.signals import task_finished
from wagtail.models import Page, ReferenceIndex
from wagtail.search.models import IndexEntry

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from cluster.worker import task_watch
from cluster.worker.task_watch import TaskFailed
from sites.content.models import ArticlePage
from tests.support import late_tasks
from tests.support.articles import publish_article
from tests.support.pictures import add_image

LATE = {"default": {"BACKEND": "tests.support.late_tasks.LateBackend"}}
SILENT_IN_SAVE = "modelsearch.index.get_indexed_instance"


def _references(site: Subsite, image_id: int) -> list[str]:
    with in_site(site):
        return list(ReferenceIndex.objects.filter(to_object_id=str(image_id)).values_list("object_id", flat=True))


def _indexed_titles(site: Subsite, *page_ids: int) -> list[str]:
    with in_site(site):
        return sorted(
            IndexEntry.objects.filter(object_id__in=[str(pk) for pk in page_ids]).values_list("title", flat=True)
        )


# ---- L7


def test_l7_indexes_are_written_in_the_site_of_the_page(alpha: Subsite, beta: Subsite) -> None:
    """The reference index and the admin's search index know alpha's picture and page; beta's know nothing of them."""
    image = add_image(alpha, pk=700_003)
    page = publish_article(alpha, "xiangjiang", lead_image=image, lead_image_alt="图")
    assert _references(alpha, image.pk) == [str(page.pk)]
    assert _references(beta, image.pk) == []
    assert any("xiangjiang" in title for title in _indexed_titles(alpha, page.pk))
    assert not any("xiangjiang" in title for title in _indexed_titles(beta, page.pk))


def test_l7_fails_with_a_queue_that_forgets_the_site(alpha: Subsite) -> None:
    """With tasks done later by a worker in public, both indexes stay empty and every task fails."""
    with override_settings(TASKS=LATE):
        image = add_image(alpha, pk=700_004)
        page = publish_article(alpha, "xiangjiang", lead_image=image, lead_image_alt="图")
        assert connection.schema_name == "public"
        assert len(late_tasks.waiting) > 3
        with pytest.raises(TaskFailed, match="does not exist"), transaction.atomic():
            late_tasks.do_waiting()
        late_tasks.waiting.clear()
    assert _references(alpha, image.pk) == []
    assert _indexed_titles(alpha, page.pk) == []


def test_l7_the_backend_is_the_immediate_one() -> None:
    assert {options["BACKEND"] for options in settings.TASKS.values()} == {
        "django_tasks.backends.immediate.ImmediateBackend"
    }


# ---- L8


def _break_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(instance: object) -> None:
        raise LookupError("the index is broken")

    monkeypatch.setattr(SILENT_IN_SAVE, broken)


def _rename_home(site: Subsite, title: str) -> str:
    with opened(site), in_site(site):
        page = Page.objects.get(depth=2).specific
        page.title = title
        page.save()
        return Page.objects.get(depth=2).title


def test_l8_a_failed_task_is_an_error_in_the_log(
    alpha: Subsite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In production the save stands, and an error names task, site and cause."""
    _break_the_index(monkeypatch)
    with override_settings(FAILED_TASKS_RAISE=False), caplog.at_level(logging.ERROR, logger=task_watch.__name__):
        assert _rename_home(alpha, "新名称") == "新名称"
    lines = [record.getMessage() for record in caplog.records if record.name == task_watch.__name__]
    assert lines
    assert all("modelsearch.tasks.insert_or_update_object_task" in line for line in lines)
    assert all("site_alpha" in line and "the index is broken" in line for line in lines)


def test_l8_a_failed_task_fails_the_test(alpha: Subsite, monkeypatch: pytest.MonkeyPatch) -> None:
    _break_the_index(monkeypatch)
    with pytest.raises(TaskFailed, match="the index is broken"):
        _rename_home(alpha, "新名称")


def test_l8_is_silent_without_the_watch(
    alpha: Subsite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without it save() succeeds and nothing of ours says that the index was not written."""
    _break_the_index(monkeypatch)
    task_finished.disconnect(dispatch_uid="cluster_task_watch")
    try:
        assert _rename_home(alpha, "新名称") == "新名称"
    finally:
        task_watch.connect()
    assert not any(record.name.startswith("cluster") for record in caplog.records)


def test_l8_a_task_that_succeeds_says_nothing(alpha: Subsite, caplog: pytest.LogCaptureFixture) -> None:
    page = publish_article(alpha, "zhengchang")
    with in_site(alpha):
        assert ArticlePage.objects.filter(pk=page.pk, live=True).exists()
    assert not any(record.name == task_watch.__name__ for record in caplog.records)
