"""Deeds of a program that writes through the API with the token of an administrator of the site."""

from typing import Any

from sites.columns.models import ColumnPage
from tests.sites.columns.lock.deeds.table import DEEDS, Deed, Scene, deed
from tests.support.articles import column_of


def _asking(method: str, path: str, **body: Any) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> Any:
        given = {k: column_of(v[1:]).pk if str(v).startswith("@") else v for k, v in body.items()}
        return scene.api(method, path.format(pk=page.pk), **given)

    return do


META = {"type": "columns.ColumnPage", "action": "publish"}
DEEDS["API: name"] = _asking("patch", "{pk}/", title="改了", meta=META)
DEEDS["API: name of a draft"] = _asking("patch", "{pk}/", title="改了")
DEEDS["API: address"] = _asking("patch", "{pk}/", slug="gai-le", meta=META)
DEEDS["API: name for browsers"] = _asking("patch", "{pk}/", seo_title="改了", meta=META)
DEEDS["API: delete"] = _asking("delete", "{pk}/")
DEEDS["API: delete as an action"] = _asking("delete", "{pk}/actions/delete/")
DEEDS["API: unpublish"] = _asking("post", "{pk}/actions/unpublish/")
DEEDS["move: API"] = _asking("post", "{pk}/actions/move/", destination_id="@bsfw", position="last-child")
DEEDS["copy: API"] = _asking("post", "{pk}/actions/copy/", destination_id="@gk", slug="fu-ben")
DEEDS["alias: API"] = _asking("post", "{pk}/actions/create_alias/", destination_id="@gk", slug="fu-ben")


@deed("API: show_in_menus")
def hide_from_menu(scene: Scene, page: ColumnPage) -> Any:
    return scene.api("patch", f"{page.pk}/", show_in_menus=not page.show_in_menus, meta=META)
