"""Deeds that would set a column of the site's own below another: by every road on which a page is born or moved."""

from typing import Any

from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page

from sites.columns.models import ColumnPage
from tests.sites.columns.lock.deeds.table import PLACINGS, Scene, deed
from tests.support.articles import column_of
from tests.support.columns import WORDS


def new_column() -> ColumnPage:
    """Return a column that is nowhere yet."""
    return ColumnPage(title="新栏目", slug="xin", **WORDS)


def own() -> ColumnPage:
    """Return the column of the site's own that the test has set up."""
    return column_of("zslm")


@deed("add_child: by the model", PLACINGS)
def add(scene: Scene, parent: ColumnPage) -> None:
    parent.add_child(instance=new_column())


@deed("add_child: as a plain page", PLACINGS)
def add_plain(scene: Scene, parent: ColumnPage) -> None:
    Page.objects.get(pk=parent.pk).add_child(instance=new_column())


@deed("form: new column", PLACINGS)
def write(scene: Scene, parent: ColumnPage) -> Any:
    form = {"title": "新栏目", "slug": "xin", "fed_by": "", "body-count": "0", **WORDS}
    form |= {"action-publish": "action-publish"}
    return scene.client.post(f"/admin/pages/add/columns/columnpage/{parent.pk}/", form, follow=True)


@deed("API: new column", PLACINGS)
def create(scene: Scene, parent: ColumnPage) -> Any:
    return scene.api(
        "post", "", title="新栏目", slug="xin", meta={"type": "columns.ColumnPage", "parent_id": parent.pk}
    )


@deed("copy: by the model", PLACINGS)
def copy(scene: Scene, parent: ColumnPage) -> None:
    CopyPageAction(own(), to=parent, update_attrs={"slug": "fu-ben"}).execute(skip_permission_checks=True)


@deed("copy: of a planted column", PLACINGS)
def copy_planted(scene: Scene, parent: ColumnPage) -> None:
    CopyPageAction(column_of("tzgg"), to=parent, update_attrs={"slug": "fu-ben"}).execute(skip_permission_checks=True)


@deed("copy: form below", PLACINGS)
def copy_in_the_form(scene: Scene, parent: ColumnPage) -> Any:
    form = {"new_title": "副本", "new_slug": "fu-ben", "new_parent_page": parent.pk}
    return scene.client.post(f"/admin/pages/{own().pk}/copy/", form, follow=True)


@deed("copy: API below", PLACINGS)
def copy_by_the_interface(scene: Scene, parent: ColumnPage) -> Any:
    return scene.api("post", f"{own().pk}/actions/copy/", destination_id=parent.pk, slug="fu-ben")


@deed("alias: by the model", PLACINGS)
def mirror(scene: Scene, parent: ColumnPage) -> None:
    CreatePageAliasAction(own(), parent=parent, update_slug="fu-ben").execute(skip_permission_checks=True)


@deed("alias: API below", PLACINGS)
def mirror_by_the_interface(scene: Scene, parent: ColumnPage) -> Any:
    return scene.api("post", f"{own().pk}/actions/create_alias/", destination_id=parent.pk, slug="fu-ben")


@deed("move: by the model, below", PLACINGS)
def move(scene: Scene, parent: ColumnPage) -> None:
    own().move(parent, pos="last-child")


@deed("move: as a plain page, below", PLACINGS)
def move_plain(scene: Scene, parent: ColumnPage) -> None:
    Page.objects.get(pk=own().pk).move(Page.objects.get(pk=parent.pk), pos="last-child")


@deed("move: form below", PLACINGS)
def move_in_the_form(scene: Scene, parent: ColumnPage) -> Any:
    return scene.client.post(f"/admin/pages/{own().pk}/move/{parent.pk}/confirm/", follow=True)


@deed("bulk action: move below", PLACINGS)
def move_in_bulk(scene: Scene, parent: ColumnPage) -> Any:
    form = {"chooser": parent.pk}
    return scene.client.post(f"/admin/bulk/wagtailcore/page/move/?id={own().pk}", form, follow=True)


@deed("move: API below", PLACINGS)
def move_by_the_interface(scene: Scene, parent: ColumnPage) -> Any:
    body = {"destination_id": parent.pk, "position": "last-child"}
    return scene.api("post", f"{own().pk}/actions/move/", **body)
