"""Deeds of an administrator of the site in the admin: forms, bulk actions, history."""

from typing import Any

from sites.columns.models import ColumnPage
from tests.sites.columns.lock.deeds.table import DEEDS, Deed, Scene, deed
from tests.support.articles import column_of


def _posting(path: str, **form: Any) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> Any:
        places = {"target": column_of("bsfw").pk, "gk": column_of("gk").pk}
        address = f"/admin/{path.format(pk=page.pk, **places)}"
        return scene.client.post(address, {k: str(v).format(**places) for k, v in form.items()}, follow=True)

    return do


DEEDS["form: delete"] = _posting("pages/{pk}/delete/")
DEEDS["form: unpublish"] = _posting("pages/{pk}/unpublish/")
DEEDS["move: form"] = _posting("pages/{pk}/move/{target}/confirm/")
DEEDS["bulk action: delete"] = _posting("bulk/wagtailcore/page/delete/?id={pk}")
DEEDS["bulk action: unpublish"] = _posting("bulk/wagtailcore/page/unpublish/?id={pk}")
DEEDS["bulk action: move"] = _posting("bulk/wagtailcore/page/move/?id={pk}", chooser="{target}")


# The names of a copy, which every form of copying asks for.
COPY = {"new_title": "副本", "new_slug": "fu-ben", "new_parent_page": "{gk}"}
DEEDS["copy: form"] = _posting("pages/{pk}/copy/", **COPY)
DEEDS["alias: form"] = _posting("pages/{pk}/copy/", **COPY, alias="on")
DEEDS["restriction: privacy form"] = _posting("pages/{pk}/privacy/", restriction_type="login", password="")


def _typed(page: ColumnPage, **changes: str) -> dict[str, str]:
    """Return the form of the column as a browser sends it, with changes."""
    names = ("title", "column_class", "column_type", "description", "keywords", "fed_by", "slug")
    return {"body-count": "0", **{name: getattr(page, name) for name in names}, **changes}


def _editing(action: str, **changes: str) -> Deed:
    def do(scene: Scene, page: ColumnPage) -> Any:
        form = _typed(page, **changes) | ({f"action-{action}": f"action-{action}"} if action else {})
        return scene.client.post(f"/admin/pages/{page.pk}/edit/", form, follow=True)

    return do


DEEDS["form: publish another name"] = _editing("publish", title="改了")
DEEDS["form: publish other words"] = _editing("publish", description="改了")
DEEDS["form: save a draft with another name"] = _editing("", title="改了")
DEEDS["workflow: submit another name"] = _editing("submit", title="改了")


@deed("history: take an older version up, with another name")
def revert_and_rename(scene: Scene, page: ColumnPage) -> Any:
    revision = page.save_revision()
    page.save_revision()
    form = _typed(page, title="改了") | {"action-publish": "action-publish"}
    return scene.client.post(f"/admin/pages/{page.pk}/revisions/{revision.pk}/revert/", form, follow=True)
