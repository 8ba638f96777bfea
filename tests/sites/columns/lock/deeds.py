"""What people and programs may try on a column: each deed is done to a planted column and to one of the site's own.

Used by test_violations. A deed gets a Scene and the page; it raises, or returns the response of a request.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.support.articles import column_of


@dataclass
class Scene:
    """The site, its administrator's browser and token."""

    site: Subsite
    client: Client
    token: str

    def api(self, method: str, path: str, **body: Any) -> Any:
        """Ask the API."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return getattr(self.client, method)(
            f"/api/v3/pages/{path}", json.dumps(body), "application/json", headers=headers
        )


Deed = Callable[[Scene, ColumnPage], Any]
DEEDS: dict[str, Deed] = {}


def deed(name: str) -> Callable[[Deed], Deed]:
    """Put a function into the table."""

    def put(function: Deed) -> Deed:
        DEEDS[name] = function
        return function

    return put


# ---- save() of the model


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
        DEEDS[f"save: {field}"] = _saving(**{field: value})


@deed("save: show_in_menus")
def hide_from_menu(scene: Scene, page: ColumnPage) -> None:
    page.show_in_menus = not page.show_in_menus
    page.save()


@deed("save: a few fields, without cleaning")
def save_some(scene: Scene, page: ColumnPage) -> None:
    page.title = "改了"
    page.save(clean=False, update_fields=["title"])


@deed("save: as a plain page")
def save_plain(scene: Scene, page: ColumnPage) -> None:
    plain = Page.objects.get(pk=page.pk)
    plain.title = "改了"
    plain.save()


@deed("revision: published with another name")
def publish_revision(scene: Scene, page: ColumnPage) -> None:
    page.title = "改了"
    page.save_revision().publish()


@deed("schedule: a revision with an end")
def schedule(scene: Scene, page: ColumnPage) -> None:
    page.expire_at = SOON
    page.save_revision().publish()


# ---- unpublish, delete, move


@deed("unpublish")
def unpublish(scene: Scene, page: ColumnPage) -> None:
    page.unpublish()


@deed("unpublish: as a plain page, as the schedule does")
def unpublish_plain(scene: Scene, page: ColumnPage) -> None:
    Page.objects.get(pk=page.pk).unpublish(set_expired=True)


@deed("delete")
def delete(scene: Scene, page: ColumnPage) -> None:
    page.delete()


@deed("delete: as a plain page")
def delete_plain(scene: Scene, page: ColumnPage) -> None:
    Page.objects.get(pk=page.pk).delete()


@deed("move")
def move(scene: Scene, page: ColumnPage) -> None:
    page.move(column_of("bsfw"), pos="last-child")


@deed("move: as a plain page")
def move_plain(scene: Scene, page: ColumnPage) -> None:
    Page.objects.get(pk=page.pk).move(Page.objects.get(pk=column_of("bsfw").pk), pos="last-child")


# ---- QuerySet


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
    DEEDS[f"update: {field}"] = _updating(Page, **{field: value})
for field, value in {"code": "gaile", "column_class": "interactive", "keywords": "改了", "fed_by": "city"}.items():
    DEEDS[f"update: {field}"] = _updating(ColumnPage, **{field: value})


@deed("update: show_in_menus")
def update_menu(scene: Scene, page: ColumnPage) -> None:
    Page.objects.filter(pk=page.pk).update(show_in_menus=not page.show_in_menus)


@deed("bulk_update")
def bulk_update(scene: Scene, page: ColumnPage) -> None:
    page.description = "改了"
    ColumnPage.objects.bulk_update([page], ["description"])


@deed("queryset delete")
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
    DEEDS[f"sql: {name}"] = _running(statement)


@deed("restriction")
def restrict(scene: Scene, page: ColumnPage) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type="login")


# ---- the admin


def _posting(path: str, **form: Any) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> Any:
        target = column_of("bsfw").pk
        address = f"/admin/{path.format(pk=page.pk, target=target)}"
        return scene.client.post(address, {k: str(v).format(target=target) for k, v in form.items()}, follow=True)

    return do


DEEDS["admin: delete"] = _posting("pages/{pk}/delete/")
DEEDS["admin: unpublish"] = _posting("pages/{pk}/unpublish/")
DEEDS["admin: move"] = _posting("pages/{pk}/move/{target}/confirm/")
DEEDS["admin: bulk delete"] = _posting("bulk/wagtailcore/page/delete/?id={pk}")
DEEDS["admin: bulk unpublish"] = _posting("bulk/wagtailcore/page/unpublish/?id={pk}")
DEEDS["admin: bulk move"] = _posting("bulk/wagtailcore/page/move/?id={pk}", chooser="{target}")


@deed("admin: edit")
def edit(scene: Scene, page: ColumnPage) -> Any:
    body = {"body-count": "0"}
    words = {
        name: getattr(page, name)
        for name in ("column_class", "column_type", "description", "keywords", "fed_by", "slug")
    }
    form = {**body, **words, "title": "改了", "action-publish": "action-publish"}
    return scene.client.post(f"/admin/pages/{page.pk}/edit/", form, follow=True)


# ---- the API


def _asking(method: str, path: str, **body: Any) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> Any:
        given = {k: column_of("bsfw").pk if v == "target" else v for k, v in body.items()}
        return scene.api(method, path.format(pk=page.pk), **given)

    return do


META = {"type": "columns.ColumnPage", "action": "publish"}
DEEDS["api: name"] = _asking("patch", "{pk}/", title="改了", meta=META)
DEEDS["api: address"] = _asking("patch", "{pk}/", slug="gai-le", meta=META)
DEEDS["api: delete"] = _asking("delete", "{pk}/")
DEEDS["api: unpublish"] = _asking("post", "{pk}/actions/unpublish/")
DEEDS["api: move"] = _asking("post", "{pk}/actions/move/", destination_id="target", position="last-child")
