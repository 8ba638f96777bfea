"""Publish many articles in one go: the way in for imports and for demonstration content.

Called inside a site. The pages are those an editor would have made one by one; their registry rows, feed rows and
ledger lines come in the same transaction, before it commits.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from treebeard.exceptions import PathOverflow
from wagtail.models import Page, Revision
from wagtail.signals import page_published, published

from cluster.accounts.models import User
from cluster.context import current_site
from cluster.resources import pending
from sites.columns.models import ColumnPage
from sites.columns.taking import refusal_of_item
from sites.common.gate import pending as gate
from sites.common.gate.errors import GateRefused
from sites.common.gate.passes import pass_pages
from sites.content import bulk
from sites.content.addresses import free_slugs
from sites.content.models import ArticlePage

# Set by the service itself or proven by the way it works; the rest is checked as a form would.
_PLACED = ("path", "depth", "numchild", "url_path", "draft_title", "content_type", "translation_key", "locale")


class PublicationError(Exception):
    """A batch cannot be published; str() says why."""


class ArticleRefused(PublicationError):
    """Articles of the batch are not fit to be published: `refused` says by index which and why; str() why the first is not."""

    def __init__(self, refused: Mapping[int, ValidationError]) -> None:
        self.refused = dict(sorted(refused.items()))
        self.index, error = next(iter(self.refused.items()))
        super().__init__("；".join(error.messages))


class ColumnFull(PublicationError):
    """The column has no room for so many children."""


def publish_articles(
    column: ColumnPage, articles: Sequence[ArticlePage], *, user: User | None = None, at: datetime | None = None
) -> list[int]:
    """Publish unsaved articles below one column of the current site; see publish_in_columns."""
    return publish_in_columns({column: articles}, user=user, at=at)


@transaction.atomic
def publish_in_columns(
    batches: Mapping[ColumnPage, Sequence[ArticlePage]], *, user: User | None = None, at: datetime | None = None
) -> list[int]:
    """Publish unsaved articles below columns of the current site, in their order; return their page ids.

    All or none. Locks the columns, so that editors and other imports wait and nobody gets the same place. Batches of
    some hundreds keep the wait short. Raises ArticleRefused, whose indexes count through all the columns, or ColumnFull.
    """
    batches = {column: articles for column, articles in batches.items() if articles}
    articles = [article for batch in batches.values() for article in batch]
    if not articles:
        return []
    for column in batches:
        if reason := refusal_of_item(column, ArticlePage.item_type):
            raise PublicationError(reason)
    parents = _locked(batches)
    at = at or timezone.now()
    for column, batch in batches.items():
        _place(parents[column.pk], batch, user, at)
    _check(articles)
    bulk.freeze_children(articles)
    bulk.insert_pages(articles, at)
    bulk.count_children({column.pk: len(batch) for column, batch in batches.items()})
    _pass_gate(articles)
    bulk.insert_attachments(articles)
    revisions = bulk.insert_revisions(articles, user, at)
    bulk.insert_history(articles, user, at)
    bulk.index_for_admin(articles)
    bulk.note_references(articles)
    _announce(articles, revisions)
    return [article.pk for article in articles]


def _locked(columns: Iterable[ColumnPage]) -> dict[int, Page]:
    """Lock the columns, in the order of the tree so that two batches never wait for each other; return them as they are now."""
    titles = {column.pk: column.title for column in columns}
    found = {page.pk: page for page in Page.objects.select_for_update().filter(pk__in=titles).order_by("path")}
    for pk, title in titles.items():
        if pk not in found:
            raise PublicationError(f"栏目“{title}”刚刚被删除，请换一个栏目。")
    return found


def _place(parent: Page, articles: Sequence[ArticlePage], user: User | None, at: datetime) -> None:
    """Give every article its place in the tree, its address and its times."""
    first = _next_step(parent)
    slugs = free_slugs(parent, [article.slug or article.default_slug() for article in articles])
    for offset, (article, slug) in enumerate(zip(articles, slugs, strict=True)):
        article.depth = parent.depth + 1
        try:
            article.path = Page._get_path(parent.path, article.depth, first + offset)
        except PathOverflow as error:
            raise ColumnFull(f"栏目“{parent.title}”下的页面已满，请新建下级栏目。") from error
        article.slug = slug
        article.set_url_path(parent)
        article.draft_title = article.title
        article.locale_id = parent.locale_id
        article.owner = user
        article.live, article.has_unpublished_changes = True, False
        # ListedPage.save does the same for the pages that are saved one by one.
        article.published_at = article.published_at or at


def _next_step(parent: Page) -> int:
    if parent.is_leaf():
        return 1
    last = Page.objects.filter(depth=parent.depth + 1, path__startswith=parent.path).order_by("-path").first()
    return Page._str2int(last.path[-Page.steplen :]) + 1 if last else 1


def _check(articles: Sequence[ArticlePage]) -> None:
    refused: dict[int, ValidationError] = {}
    for index, article in enumerate(articles):
        # Wagtail would ask the database whether the address is free; it was chosen from the free ones under a lock.
        article.__dict__["_check_slug_is_unique"] = _is_unique
        try:
            article.clean_fields(exclude=_PLACED)
            article.clean()
        except ValidationError as error:
            refused[index] = error
        finally:
            del article.__dict__["_check_slug_is_unique"]
    if refused:
        raise ArticleRefused(refused)


def _is_unique() -> None:
    """Answer for Page._check_slug_is_unique where the address is known to be free."""


def _pass_gate(articles: Sequence[ArticlePage]) -> None:
    """Have all of them checked at once, as they are in memory. Raises ArticleRefused for those that must not go live."""
    site = current_site()
    if site is None or site.pk is None:
        return
    try:
        pass_pages(site, articles)
    except GateRefused as error:
        places = {article.pk: index for index, article in enumerate(articles)}
        refused = {places.get(refusal.page_id, 0): GateRefused([refusal]) for refusal in error.refusals}
        raise ArticleRefused(refused) from error


def _announce(articles: Sequence[ArticlePage], revisions: Sequence[Revision]) -> None:
    """Tell all who listen to publications, and have the registry written before the commit."""
    for article, revision in zip(articles, revisions, strict=True):
        page_published.send(sender=ArticlePage, instance=article, revision=revision)
        published.send(sender=ArticlePage, instance=article, revision=revision)
    page_ids = [article.pk for article in articles]
    gate.forget(page_ids)
    pending.add_pages(page_ids)
