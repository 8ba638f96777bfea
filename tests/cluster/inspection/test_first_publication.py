"""Nothing that stood in the site before is published anew: copies, mirrors, what was deleted and made again, a lost registry row."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cluster.context import in_site
from cluster.inspection.evaluation import evaluate_columns
from cluster.inspection.models import Clock
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from tests.support.articles import column_of as page_of
from tests.support.articles import publish_article, through_the_gate
from tests.support.documents import project_now
from tests.support.inspecting import column, column_of, law_of, under

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", within=10))
LONG_AGO = timezone.now() - timedelta(days=40)


def publish(site: Subsite, title: str = "旧通知", **fields: object) -> ArticlePage:
    page = publish_article(site, title, column="tzgg", **fields)
    with in_site(site):
        project_now()
    return page


@pytest.fixture
def old(alpha: Subsite) -> ArticlePage:
    return publish(alpha, text="停水三天", first_published_at=LONG_AGO, published_at=LONG_AGO)


def state(site: Subsite) -> Clock:
    with under(LAW):
        return column_of(evaluate_columns([site.code]), site, "tzgg").state


def copied(page: ArticlePage) -> None:
    page.copy(update_attrs={"slug": "fuben"}, keep_live=True)


def mirrored(page: ArticlePage) -> None:
    page.create_alias(parent=page_of("tzgg"), update_slug="ming")


def edited_and_copied(page: ArticlePage) -> None:
    page.body = [("paragraph", "<p>停水四天</p>")]
    page.save_revision().publish()
    project_now()
    copied(ArticlePage.objects.get(pk=page.pk))


def copied_and_taken_off(page: ArticlePage) -> None:
    copied(page)
    project_now()
    ArticlePage.objects.get(pk=page.pk).unpublish()


@pytest.mark.parametrize("deed", [copied, mirrored, edited_and_copied, copied_and_taken_off])
def test_a_copy_refreshes_nothing(alpha: Subsite, old: ArticlePage, deed: Callable[[ArticlePage], None]):
    assert state(alpha) == Clock.LATE
    with in_site(alpha), transaction.atomic(), through_the_gate(alpha):
        deed(ArticlePage.objects.get(pk=old.pk))
        project_now()
    assert Resource.objects.filter(site=alpha, column_code="tzgg").count() == 2
    assert state(alpha) == Clock.LATE
    publish(alpha, text="停电三天")
    assert state(alpha) == Clock.NORMAL


def test_what_is_deleted_and_made_again_refreshes_nothing(alpha: Subsite, beta: Subsite, old: ArticlePage):
    with in_site(alpha):
        old.delete()
        project_now()
    assert state(alpha) == Clock.BLANK
    publish(alpha, text="停水 三天", slug="zailai")
    assert state(alpha) == Clock.LATE
    # On another site it is news, and so is another text here.
    publish(beta, text="停水三天")
    assert state(beta) == Clock.NORMAL
    publish(alpha, text="停水五天")
    assert state(alpha) == Clock.NORMAL


def test_a_lost_registry_row_comes_back_as_old_as_it_was(alpha: Subsite, beta: Subsite, old: ArticlePage):
    Resource.objects.filter(site=alpha, page_id=old.pk).delete()
    with in_site(alpha), transaction.atomic(), through_the_gate(alpha):
        page = ArticlePage.objects.get(pk=old.pk)
        page.title, page.first_published_at = "改过的通知", timezone.now()
        page.body = [("paragraph", "<p>改过的正文</p>")]
        page.save_revision().publish()
        project_now()
    row = Resource.objects.get(site=alpha, page_id=old.pk)
    assert row.first_published_at == LONG_AGO
    assert state(alpha) == Clock.LATE
    # The same page number on another site means another page.
    Resource.objects.create(
        site=beta, page_id=old.pk, page_type=row.page_type, state="published", title="别的", path="/x/",
        column_code="tzgg", published_at=timezone.now(), first_published_at=timezone.now(), content_hash="0" * 64,
    )  # fmt: skip
    assert state(beta) == Clock.NORMAL


def test_items_without_text_or_files_are_not_compared(alpha: Subsite):
    for page_id, ago in ((2_000_001, 40), (2_000_002, 0)):
        at = timezone.now() - timedelta(days=ago)
        Resource.objects.create(
            site=alpha, page_id=page_id, page_type="content.ArticlePage", state="published", title="公告", path=f"/{page_id}/",
            column_code="tzgg", published_at=at, first_published_at=at, content_hash=f"{page_id}".zfill(64),
        )  # fmt: skip
    assert state(alpha) == Clock.NORMAL
