"""The roads on which something public changes, each done once: what registry and page stores must hear of.

Walked by tests/cluster/registry (what the registry says afterwards) and by tests/cluster/edge/events (what the stores were told).
tests/architecture/test_walked_roads.py finds a road that one of the two leaves out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site
from sites.columns.models import ColumnPage
from sites.common.scheduling import publish_scheduled
from sites.content.models import ArticleAttachment, ArticlePage
from tests.support.articles import column_of, page_in

# ---- an item, by what sends a signal


def save_live(site: Subsite, page: Page, **fields: Any) -> None:
    """save() of a live page, as in a shell."""
    with in_site(site):
        page = page_in(site, page)
        for name, value in fields.items():
            setattr(page, name, value)
        page.save()


def publish_again(site: Subsite, page: Page, **fields: Any) -> None:
    """A revision with these fields, published."""
    with in_site(site), transaction.atomic():
        page = page_in(site, page)
        for name, value in fields.items():
            setattr(page, name, value)
        page.save_revision().publish()


def fail_after_publishing(site: Subsite, page: Page) -> None:
    """A publication whose transaction then fails."""
    with in_site(site), transaction.atomic():
        publish_again(site, page, title="没有发生的标题")
        raise RuntimeError("after publish")


def write_draft(site: Subsite) -> Page:
    """A draft in 通知公告."""
    with in_site(site):
        page = column_of("tzgg").add_child(instance=ArticlePage(title="草稿", source="本单位", live=False))
        page.save_revision()
        return page


def add_live(site: Subsite) -> Page:
    """add_child of a live page in 通知公告."""
    with in_site(site):
        return column_of("tzgg").add_child(instance=ArticlePage(title="直接上线", source="本单位", live=True))


def unpublish(site: Subsite, page: Page) -> None:
    """The model's own method."""
    with in_site(site):
        page_in(site, page).unpublish()


def delete(site: Subsite, page: Page) -> None:
    """The model's own method."""
    with in_site(site):
        page_in(site, page).delete()


def copy_live(site: Subsite, page: Page) -> Page:
    """A copy in 通知公告 that is as live as its original."""
    with in_site(site):
        action = CopyPageAction(
            page_in(site, page), to=column_of("tzgg"), keep_live=True, update_attrs={"slug": "copied"}
        )
        return action.execute(skip_permission_checks=True)


def mirror(site: Subsite, page: Page) -> Page:
    """An alias in 通知公告."""
    with in_site(site):
        action = CreatePageAliasAction(page_in(site, page), parent=column_of("tzgg"), update_slug="mirror")
        return action.execute(skip_permission_checks=True)


def move(site: Subsite, page: Page) -> None:
    """Into 通知公告."""
    with in_site(site):
        page_in(site, page).move(column_of("tzgg"), pos="last-child")


def restrict_parent(site: Subsite) -> PageViewRestriction:
    """A restriction on 动态要闻, which only the owner of the tables may put there."""
    with opened(site), in_site(site):
        return PageViewRestriction.objects.create(page=column_of(), restriction_type=PageViewRestriction.LOGIN)


def lift_restriction(site: Subsite, restriction: PageViewRestriction) -> None:
    """Its end."""
    with in_site(site):
        restriction.delete()


# ---- an item, around the signals


def update_core(site: Subsite, page: Page, **fields: Any) -> None:
    """QuerySet.update() of the table of all pages."""
    with in_site(site):
        Page.objects.filter(pk=page.pk).update(**fields)


def update_own_table(site: Subsite, page: Page, **fields: Any) -> None:
    """QuerySet.update() of the type's own table."""
    with in_site(site):
        ArticlePage.objects.filter(pk=page.pk).update(**fields)


def rename_by_sql(site: Subsite, page: Page, title: str) -> None:
    """UPDATE of the table of all pages."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {site.schema_name}.wagtailcore_page SET title = %s WHERE id = %s", [title, page.pk])


def delete_by_sql(site: Subsite, page: Page) -> None:
    """DELETE of all its rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL search_path = {site.schema_name}, public")
        for table in ("content_articleattachment", "wagtailcore_pagesubscription", "content_articlepage"):
            column = {"content_articlepage": "page_ptr_id"}.get(table, "page_id")
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [page.pk])
        cursor.execute("DELETE FROM wagtailcore_page WHERE id = %s", [page.pk])


def attach_by_rows(site: Subsite, page: Page, document: Any) -> None:
    """bulk_create in an inline table."""
    with in_site(site):
        ArticleAttachment.objects.bulk_create([ArticleAttachment(page_id=page.pk, document=document, sort_order=0)])


def restrict_parent_by_rows(site: Subsite) -> None:
    """bulk_create of a restriction on 动态要闻."""
    with opened(site), in_site(site):
        PageViewRestriction.objects.bulk_create(
            [PageViewRestriction(page=column_of(), restriction_type=PageViewRestriction.LOGIN)]
        )


@contextmanager
def reshaped_column(site: Subsite, model: type[Page], **fields: Any) -> Iterator[ColumnPage]:
    """QuerySet.update() of 动态要闻, in the table of all pages or its own, by the owner; as it was at the end of the block."""
    with opened(site), in_site(site):
        column = column_of()
        row = model.objects.filter(pk=column.pk)
        before = {name: getattr(column, name) for name in fields}
        row.update(**fields)
    try:
        yield column
    finally:
        with opened(site), in_site(site):
            row.update(**before)


# ---- files


def new_document(site: Subsite, text: str = "文", name: str = "a.txt", **fields: Any) -> Any:
    """A document that no page names yet."""
    with in_site(site):
        file = ContentFile(text.encode(), name=name)
        return get_document_model().objects.create(title="附件", file=file, **fields)


def attach(site: Subsite, page: Page, text: str = "文", name: str = "a.txt") -> Any:
    """A new document, published with the page."""
    document = new_document(site, text, name)
    publish_again(site, page, attachments=[ArticleAttachment(document=document, sort_order=0)])
    return document


def replace_file(site: Subsite, document: Any, text: str) -> None:
    """Another file in the place of the first."""
    with in_site(site):
        document.refresh_from_db()
        document.file = ContentFile(text.encode(), name="b.txt")
        document.save()


def delete_document(site: Subsite, document: Any) -> None:
    """The model's own method."""
    with in_site(site):
        document.delete()


def new_collection(site: Subsite, name: str, below: Collection | None = None) -> Collection:
    """A collection below another, or below the first."""
    with in_site(site):
        parent = Collection.objects.get(pk=below.pk) if below else Collection.get_first_root_node()
        return parent.add_child(name=name)


def put_into_collection(site: Subsite, document: Any, collection: Collection | None = None) -> None:
    """QuerySet.update() of a document; without a collection, into the first."""
    with in_site(site):
        place = collection or Collection.get_first_root_node()
        type(document).objects.filter(pk=document.pk).update(collection=place)


def move_collection(site: Subsite, collection: Collection, below: Collection | None = None) -> None:
    """A collection with all that is in it, below another or back below the first."""
    with in_site(site):
        place = Collection.objects.get(pk=below.pk) if below else Collection.get_first_root_node()
        Collection.objects.get(pk=collection.pk).move(place, pos="sorted-child")


def restrict_collection_by_rows(site: Subsite, collection: Collection) -> None:
    """bulk_create of a restriction on the files of a collection and those below."""
    with in_site(site):
        CollectionViewRestriction.objects.bulk_create(
            [CollectionViewRestriction(collection=collection, restriction_type="login")]
        )


def lift_collections_by_sql(site: Subsite) -> None:
    """The end of all such restrictions."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {site.schema_name}.wagtailcore_collectionviewrestriction")


# ---- through HTTP, and by the clock


def in_bulk(client: Client, action: str, *pages: Page, **form: Any) -> None:
    """A bulk action of the admin."""
    ids = "&".join(f"id={page.pk}" for page in pages)
    assert client.post(f"/admin/bulk/wagtailcore/page/{action}/?{ids}", form).status_code == 302


def by_the_interface(client: Client, token: str, page: Page, action: str) -> HttpResponse:
    """An action of the write API."""
    headers = {"Authorization": f"Bearer {token}"}
    return client.post(f"/api/v3/pages/{page.pk}/actions/{action}/", "{}", "application/json", headers=headers)


def expire(site: Subsite, page: Page) -> None:
    """The end of its time, found by the worker."""
    update_core(site, page, expire_at=timezone.now() - timedelta(minutes=1))
    publish_scheduled.run()


# ---- whole sites


def open_gamma() -> Subsite:
    """A third site, for roads that the living ones would not survive."""
    return open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230123")


def truncate_pages(site: Subsite) -> None:
    """All pages at once, by the owner."""
    with opened(site), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {site.schema_name}.wagtailcore_page CASCADE")


def suspend_by_sql(site: Subsite) -> None:
    """UPDATE of the directory."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subsites_subsite SET state = 'suspended' WHERE code = %s", [site.code])


def touch_mould() -> None:
    """A change in a mould, which has no readers."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE base_county.wagtailcore_page SET title = title || '' WHERE depth = 2")
        cursor.execute("UPDATE base_county.columns_columnpage SET keywords = keywords || ''")
