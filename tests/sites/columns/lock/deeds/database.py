"""Deeds around the model: QuerySet.update() and delete(), SQL in the site's tables."""

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from sites.columns.models import ColumnPage
from tests.sites.columns.lock.deeds.table import DEEDS, Deed, Scene, deed

SOON = timezone.now() + timedelta(days=1)


def _updating(model: type[Page], **values: Any) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> None:
        model.objects.filter(pk=page.pk).update(**values)

    return do


for field, value in {
    "title": "改了",
    "draft_title": "改了",
    "slug": "gai-le",
    "url_path": "/home/gai-le/",
    "live": False,
    "expired": True,
    "expire_at": SOON - timedelta(days=9),
    "depth": 7,
}.items():
    DEEDS[f"QuerySet.update(): {field}"] = _updating(Page, **{field: value})
for field, value in {"code": "gaile", "column_class": "interactive", "keywords": "改了", "fed_by": "city"}.items():
    DEEDS[f"QuerySet.update(): {field}"] = _updating(ColumnPage, **{field: value})


@deed("QuerySet.update(): show_in_menus")
def update_menu(scene: Scene, page: ColumnPage) -> None:
    Page.objects.filter(pk=page.pk).update(show_in_menus=not page.show_in_menus)


@deed("QuerySet.update(): bulk_update")
def bulk_update(scene: Scene, page: ColumnPage) -> None:
    page.description = "改了"
    ColumnPage.objects.bulk_update([page], ["description"])


@deed("QuerySet.delete(): the rows")
def queryset_delete(scene: Scene, page: ColumnPage) -> None:
    ColumnPage.objects.filter(pk=page.pk).delete()


# ---- SQL


def _running(statement: str) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"pk": page.pk, "bare": ContentType.objects.get_for_model(Page).pk})

    return do


for name, statement in {
    "name": "UPDATE wagtailcore_page SET title = '改了' WHERE id = %(pk)s",
    "live": "UPDATE wagtailcore_page SET live = false WHERE id = %(pk)s",
    # Not into an item: that would ask for a pass of the publish gate.
    "type": "UPDATE wagtailcore_page SET content_type_id = %(bare)s WHERE id = %(pk)s",
    "mirror": "UPDATE wagtailcore_page SET alias_of_id = 1 WHERE id = %(pk)s",
    "place": "UPDATE wagtailcore_page SET path = (SELECT path FROM wagtailcore_page WHERE slug = 'bsfw') || '0ZZZ' WHERE id = %(pk)s",
    "code": "UPDATE columns_columnpage SET code = 'gaile' WHERE page_ptr_id = %(pk)s",
    "words": "UPDATE columns_columnpage SET column_type = '改了' WHERE page_ptr_id = %(pk)s",
    "delete": "DELETE FROM columns_columnpage WHERE page_ptr_id = %(pk)s",
    "restriction": "INSERT INTO wagtailcore_pageviewrestriction (restriction_type, password, page_id) VALUES ('login', '', %(pk)s)",
}.items():
    DEEDS[f"raw SQL: {name}"] = _running(statement)


@deed("restriction: by the model")
def restrict(scene: Scene, page: ColumnPage) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type="login")
