"""The roads to a live page: each tries to make a notice of a site live and returns its page id.

Walked by test_roads with and without the summary that notices must carry; other tests take single steps from here.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import transaction
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Revision, WorkflowState

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.gate.errors import GateRefused
from sites.common.publishing import publish_reviewed
from sites.content.models import ArticlePage
from sites.content.services import publish_articles
from tests.support.articles import column_of, page_in, publish_article
from tests.support.columns import own_column

BODY = '[{"type": "paragraph", "value": "<p>正文</p>"}]'
Road = Callable[[Subsite, dict[str, Any]], int]


def draft(site: Subsite, fields: dict[str, Any], column: str = "tzgg") -> ArticlePage:
    with in_site(site), transaction.atomic():
        page = column_of(column).add_child(instance=ArticlePage(title="供暖通知", live=False, body=BODY, **fields))
        page.save_revision()
        return ArticlePage.objects.get(pk=page.pk)


def publish(site: Subsite, fields: dict[str, Any]) -> int:
    page = draft(site, fields)
    with in_site(site):
        page.get_latest_revision().publish()
    return page.pk


def publish_in_one_transaction(site: Subsite, fields: dict[str, Any]) -> int:
    return publish_article(site, "供暖通知", column="tzgg", reason="", **fields).pk


def add_child(site: Subsite, fields: dict[str, Any]) -> int:
    with in_site(site):
        return column_of("tzgg").add_child(instance=ArticlePage(title="供暖通知", live=True, body=BODY, **fields)).pk


def save_as_live(site: Subsite, fields: dict[str, Any]) -> int:
    page = draft(site, fields)
    with in_site(site):
        page.live = True
        page.save()
    return page.pk


def last_approval(site: Subsite, fields: dict[str, Any]) -> int:
    page = draft(site, {**fields, "summary": "先写着"})
    with in_site(site):
        state = page.get_workflow().start(page, None)
        page.summary = fields["summary"]
        page.save_revision()
        publish_reviewed(WorkflowState.objects.get(pk=state.pk))
    return page.pk


def revert(site: Subsite, fields: dict[str, Any]) -> int:
    """An old version is published again; the rules are those of today."""
    page = draft(site, fields)
    with in_site(site):
        old = page.get_latest_revision()
        page.summary = "改好的摘要"
        page.save_revision()
        Revision.objects.get(pk=old.pk).publish()
    return page.pk


def bulk_service(site: Subsite, fields: dict[str, Any]) -> int:
    with in_site(site):
        return publish_articles(column_of("tzgg"), [ArticlePage(title="供暖通知", body=BODY, **fields)])[0]


def copy(site: Subsite, fields: dict[str, Any]) -> int:
    page = publish_article(site, "供暖通知", **fields)  # dtyw asks for nothing
    with in_site(site):
        action = CopyPageAction(page, to=column_of("tzgg"), keep_live=True, update_attrs={"slug": "fuben"})
        return action.execute(skip_permission_checks=True).pk


def alias(site: Subsite, fields: dict[str, Any]) -> int:
    page = publish_article(site, "供暖通知", **fields)
    with in_site(site):
        action = CreatePageAliasAction(page, parent=column_of("tzgg"), update_slug="jingxiang")
        return action.execute(skip_permission_checks=True).pk


def move(site: Subsite, fields: dict[str, Any]) -> int:
    page = publish_article(site, "供暖通知", **fields)
    with in_site(site):
        page_in(site, page).move(column_of("tzgg"), pos="last-child")
    return page.pk


def move_with_its_column(site: Subsite, fields: dict[str, Any]) -> int:
    """A column of the site's own is moved below another of the law, and what stands in it comes under that one's rules."""
    with in_site(site), opened(site):
        ColumnPage.objects.filter(code="tzgg").update(open_below=True)
    own = own_column(site, f"zs{uuid4().hex[:6]}", under="zt")
    page = publish_article(site, "供暖通知", column=own.code, **fields)
    try:
        with in_site(site):
            ColumnPage.objects.get(pk=own.pk).move(column_of("tzgg"), pos="last-child")
    finally:
        with in_site(site), opened(site):
            ColumnPage.objects.filter(code="tzgg").update(open_below=False)
    return page.pk


def copy_with_its_column(site: Subsite, fields: dict[str, Any]) -> int:
    """A live column of the site's own is copied with all that stands in it."""
    own = own_column(site, f"zs{uuid4().hex[:6]}", under="zt")
    publish_article(site, "供暖通知", column=own.code, **fields)
    with in_site(site), opened(site):
        action = CopyPageAction(
            ColumnPage.objects.get(pk=own.pk),
            to=column_of("tzgg"),
            recursive=True,
            keep_live=True,
            update_attrs={"slug": f"fuben-{uuid4().hex[:6]}"},
        )
        copied = action.execute(skip_permission_checks=True)
        return copied.get_children().get().pk


def follow_the_original(site: Subsite, fields: dict[str, Any]) -> int:
    """The original of a mirror changes in a column that asks for nothing; the mirror stands where something is asked for."""
    page = publish_article(site, "供暖通知", **{**fields, "summary": "先写着", "keywords": "先写着"})
    with in_site(site):
        action = CreatePageAliasAction(page, parent=column_of("tzgg"), update_slug="jingxiang")
        mirror = action.execute(skip_permission_checks=True)
        try:
            page = ArticlePage.objects.get(pk=page.pk)
            page.summary, page.keywords = fields["summary"], fields["keywords"]
            page.save_revision().publish()
        except GateRefused:
            assert ArticlePage.objects.get(pk=mirror.pk).summary == "先写着"
            mirror.delete()
            raise
    return mirror.pk


def part_from_the_original(site: Subsite, fields: dict[str, Any]) -> int:
    """A mirror that is not live becomes a page of its own and is published."""
    page = publish_article(site, "供暖通知", **fields)
    with in_site(site), transaction.atomic():
        page.unpublish()
        action = CreatePageAliasAction(
            ArticlePage.objects.get(pk=page.pk), parent=column_of("tzgg"), update_slug="jingxiang"
        )
        mirror = action.execute(skip_permission_checks=True)
        own = ConvertAliasPageAction(mirror).execute(skip_permission_checks=True)
    with in_site(site):
        ArticlePage.objects.get(pk=own.pk).get_latest_revision().publish()
    return own.pk


# "<road>: <what>" → the road; see tests/VIOLATIONS.md.
ROADS: dict[str, Road] = {
    "publish: a revision": publish,
    "publish: in one transaction": publish_in_one_transaction,
    "save(): as a live page": save_as_live,
    "add_child: of a live page": add_child,
    "workflow: the last approval": last_approval,
    "history: an old version": revert,
    "import: the service of batches": bulk_service,
    "copy: of a live page": copy,
    "copy: with its column": copy_with_its_column,
    "alias: of a live page": alias,
    "alias: follows its original": follow_the_original,
    "alias: parts from its original": part_from_the_original,
    "move: of a live page": move,
    "move: with its column": move_with_its_column,
}


def in_tzgg_and_live(site: Subsite) -> list[str]:
    with in_site(site):
        return list(ArticlePage.objects.live().descendant_of(column_of("tzgg")).values_list("title", flat=True))


def column_pk(site: Subsite, code: str = "tzgg") -> int:
    with in_site(site):
        return column_of(code).pk
