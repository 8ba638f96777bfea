"""Deeds by the model and its methods: save(), publish(), unpublish(), delete(), move()."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from wagtail.models import Page

from sites.columns.models import ColumnPage
from tests.sites.columns.lock.deeds.table import DEEDS, Deed, Scene, deed
from tests.support.articles import column_of


def _saving(**values: Any) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> None:
        for name, value in values.items():
            setattr(page, name, value)
        page.save()

    return do


SOON = timezone.now() + timedelta(days=1)
for field, value in {
    "title": "改了",
    "slug": "gai-le",
    "seo_title": "改了",
    "code": "gaile",
    "column_class": "interactive",
    "column_type": "其他",
    "description": "改了",
    "keywords": "改了",
    "fed_by": "county",
    "show_in_menus": None,
    "expire_at": SOON,
    "go_live_at": SOON,
}.items():
    if field != "show_in_menus":
        DEEDS[f"save(): {field}"] = _saving(**{field: value})


@deed("save(): show_in_menus")
def hide_from_menu(scene: Scene, page: ColumnPage) -> None:
    page.show_in_menus = not page.show_in_menus
    page.save()


@deed("save(): a few fields, without cleaning")
def save_some(scene: Scene, page: ColumnPage) -> None:
    page.title = "改了"
    page.save(clean=False, update_fields=["title"])


@deed("save(): as a plain page")
def save_plain(scene: Scene, page: ColumnPage) -> None:
    plain = Page.objects.get(pk=page.pk)
    plain.title = "改了"
    plain.save()


@deed("publish: a revision with another name")
def publish_revision(scene: Scene, page: ColumnPage) -> None:
    page.title = "改了"
    page.save_revision().publish()


@deed("schedule: a revision with an end")
def schedule(scene: Scene, page: ColumnPage) -> None:
    page.expire_at = SOON
    page.save_revision().publish()


# ---- unpublish, delete, move


@deed("unpublish: by the model")
def unpublish(scene: Scene, page: ColumnPage) -> None:
    page.unpublish()


@deed("schedule: withdrawn at its end, as a plain page")
def unpublish_plain(scene: Scene, page: ColumnPage) -> None:
    Page.objects.get(pk=page.pk).unpublish(set_expired=True)


@deed("delete: by the model")
def delete(scene: Scene, page: ColumnPage) -> None:
    page.delete()


@deed("delete: as a plain page")
def delete_plain(scene: Scene, page: ColumnPage) -> None:
    Page.objects.get(pk=page.pk).delete()


@deed("move: by the model")
def move(scene: Scene, page: ColumnPage) -> None:
    page.move(column_of("bsfw"), pos="last-child")


@deed("move: as a plain page")
def move_plain(scene: Scene, page: ColumnPage) -> None:
    Page.objects.get(pk=page.pk).move(Page.objects.get(pk=column_of("bsfw").pk), pos="last-child")
