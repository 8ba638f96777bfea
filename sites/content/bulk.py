"""Write the rows of many new live articles: pages, revisions, attachments, history, admin search, references.

Called by sites.content.services inside its transaction with the columns locked. Every row is what Wagtail's own
add_child, save_revision and publish leave behind; tests/sites/content compares them column by column.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import F, Field, Model
from django.db.models.sql import InsertQuery
from modelcluster.models import get_all_child_relations
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision
from wagtail.search.backends import get_search_backends

from cluster.accounts.models import User
from sites.content.models import ArticleAttachment, ArticlePage


def freeze_children(articles: Sequence[ArticlePage]) -> None:
    """Fix attachments and comments in memory: with a primary key set, each look at them would be a query."""
    relations = [relation.get_accessor_name() for relation in get_all_child_relations(ArticlePage)]
    for article in articles:
        for name in relations:
            getattr(article, name).get_object_list()


def insert_pages(articles: Sequence[ArticlePage], at: datetime) -> None:
    """Insert both tables of the pages.

    Ids are drawn first, so that a page is born with its revision and no row is written twice; the foreign keys are
    checked at the commit.
    """
    page_ids, revision_ids = _draw_ids(Page, len(articles)), _draw_ids(Revision, len(articles))
    for article, page_id, revision_id in zip(articles, page_ids, revision_ids, strict=True):
        article.pk = article.id = page_id
        article.latest_revision_id = article.live_revision_id = revision_id
        article.latest_revision_created_at = article.first_published_at = article.last_published_at = at
    _insert(Page, list(Page._meta.local_concrete_fields), articles)
    _insert(ArticlePage, list(ArticlePage._meta.local_concrete_fields), articles)
    for article in articles:
        article._state.adding, article._state.db = False, connection.alias


def count_children(counts: Mapping[int, int]) -> None:
    """Count at each parent, by its id, the pages that it got; one query for all that got the same number."""
    parents: dict[int, list[int]] = defaultdict(list)
    for parent_id, count in counts.items():
        parents[count].append(parent_id)
    for count, parent_ids in parents.items():
        Page.objects.filter(pk__in=parent_ids).update(numchild=F("numchild") + count)


def insert_attachments(articles: Sequence[ArticlePage]) -> None:
    """Insert the attachments in their order."""
    rows = []
    for article in articles:
        for order, attachment in enumerate(article.attachments.get_object_list()):
            attachment.page, attachment.sort_order = article, order
            rows.append(attachment)
    if rows:
        ArticleAttachment.objects.bulk_create(rows)


def insert_revisions(articles: Sequence[ArticlePage], user: User | None, at: datetime) -> list[Revision]:
    """Insert the one revision that each page has and shows."""
    content_type, base_type = _content_types()
    revisions = [
        Revision(
            id=article.live_revision_id,
            content_type=content_type,
            base_content_type=base_type,
            object_id=str(article.pk),
            created_at=at,
            user=user,
            object_str=str(article),
            content=article.serializable_data(),
        )
        for article in articles
    ]
    _insert(Revision, list(Revision._meta.local_concrete_fields), revisions)
    return revisions


def insert_history(articles: Sequence[ArticlePage], user: User | None, at: datetime) -> None:
    """Insert what the admin's history shows: the page was made, and it was published."""
    content_type, _ = _content_types()
    rows = []
    for article in articles:
        action_uuid = uuid.uuid4()
        for action, revision_id in (("wagtail.create", None), ("wagtail.publish", article.live_revision_id)):
            rows.append(
                PageLogEntry(
                    content_type=content_type,
                    page_id=article.pk,
                    label=str(article),
                    action=action,
                    timestamp=at,
                    uuid=action_uuid,
                    user=user,
                    revision_id=revision_id,
                    content_changed=True,
                )
            )
    PageLogEntry.objects.bulk_create(rows)


def index_for_admin(articles: Sequence[ArticlePage]) -> None:
    """Let the admin's search find the titles."""
    for backend in get_search_backends(with_auto_update=True):
        backend.add_bulk(ArticlePage, list(articles))


def note_references(articles: Sequence[ArticlePage]) -> None:
    """Record which files, images and pages the articles use; the many that use none cost nothing."""
    for article in articles:
        if _may_refer(article):
            ReferenceIndex.create_or_update_for_object(article)


def _may_refer(article: ArticlePage) -> bool:
    if article.lead_image_id or article.attachments.get_object_list():
        return True
    return any(
        block["type"] not in {"paragraph", "heading"} or (block["type"] == "paragraph" and _has_link(block["value"]))
        for block in article.body.raw_data
    )


def _has_link(html: str) -> bool:
    return "<a " in html or "<embed " in html


def _content_types() -> tuple[ContentType, ContentType]:
    types = ContentType.objects
    return types.get_for_model(ArticlePage), types.get_for_model(Page)


def _draw_ids(model: type[Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        table = model._meta.db_table
        # Inserts nothing, yet lets the triggers of the statement run: they raise numbers that a restored backup has set back.
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE false")
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def _insert(model: type[Model], fields: "list[Field]", rows: Sequence[Model]) -> None:
    """Insert into this one table, which bulk_create refuses to do for models that inherit a table."""
    query = InsertQuery(model)
    query.insert_values(fields, list(rows), raw=True)
    query.get_compiler(connection=connection).execute_sql()
