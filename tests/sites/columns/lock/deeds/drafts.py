"""Deeds with a draft that bears other names: written before the template changed, or forged in the table of revisions.

Whoever publishes it, by whatever road, gets its text; of a planted column the rest stays as the template says.
"""

import json
from typing import Any

from wagtail.models import Revision, WorkflowState

from sites.columns.models import ColumnPage
from sites.common.publishing import publish_reviewed
from sites.common.scheduling import publish_scheduled
from tests.sites.columns.lock.deeds.table import DRAFTS, Scene, deed

BODY = json.dumps([{"type": "paragraph", "value": "<p>旧稿的正文</p>"}])


def old_draft(page: ColumnPage) -> Revision:
    """Return the latest revision of the column, with another name, address and code and a text of its own."""
    revision = page.save_revision()
    content = {**revision.content, "title": "改了", "slug": "gai-le", "keywords": "改了", "body": BODY}
    Revision.objects.filter(pk=revision.pk).update(content=content)
    return Revision.objects.get(pk=revision.pk)


@deed("publish: an old draft", DRAFTS)
def publish(scene: Scene, page: ColumnPage) -> None:
    old_draft(page).publish()


@deed("history: revert in the API, then publish", DRAFTS)
def revert(scene: Scene, page: ColumnPage) -> Any:
    revision = old_draft(page)
    ColumnPage.objects.get(pk=page.pk).save_revision()
    answer = scene.api("post", f"{page.pk}/actions/revert/", revision_id=revision.pk)
    assert answer.status_code == 200, answer.content
    return scene.api("post", f"{page.pk}/actions/publish/")


@deed("history: revert by the model", DRAFTS)
def revert_by_the_model(scene: Scene, page: ColumnPage) -> None:
    revision = old_draft(page)
    ColumnPage.objects.get(pk=page.pk).save_revision()
    revision.as_object().save_revision(previous_revision=revision).publish()


@deed("workflow: an old draft approved", DRAFTS)
def approve(scene: Scene, page: ColumnPage) -> None:
    old_draft(page)
    page = ColumnPage.objects.get(pk=page.pk)
    page.get_workflow().start(page, None)
    publish_reviewed(WorkflowState.objects.get(object_id=str(page.pk)))


@deed("schedule: an old draft at its hour", DRAFTS)
def its_hour_comes(scene: Scene, page: ColumnPage) -> None:
    revision = old_draft(page)
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at="2026-01-01T00:00Z")
    publish_scheduled.run()


@deed("API: publish an old draft", DRAFTS)
def publish_by_the_interface(scene: Scene, page: ColumnPage) -> Any:
    old_draft(page)
    return scene.api("post", f"{page.pk}/actions/publish/")


@deed("workflow: start with another name")
def submit(scene: Scene, page: ColumnPage) -> None:
    page.title = "改了"
    page.save_revision()
    page.get_workflow().start(page, None)


@deed("workflow: start with another name, without cleaning")
def submit_without_cleaning(scene: Scene, page: ColumnPage) -> None:
    page.title = "改了"
    page.save_revision(clean=False)
    page.get_workflow().start(page, None)


@deed("schedule: another name for tomorrow")
def schedule(scene: Scene, page: ColumnPage) -> None:
    from tests.sites.columns.lock.deeds.model import SOON

    page.title, page.go_live_at = "改了", SOON
    page.save_revision().publish()
