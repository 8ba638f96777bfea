"""What the model says before the database would: which change of a planted column is refused, why, and whom to ask.

Called by ColumnPage and HomePage, by the permission testers, the forms and the hooks of the admin. Triggers (lock.sql) refuse
whatever comes past these.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from wagtail.models import Page

from cluster.column_templates.opening import is_opened
from cluster.postgresql import connection

if TYPE_CHECKING:
    from sites.columns.models import ColumnPage

# SQLSTATE of the triggers' refusals.
SQLSTATE = "QZ001"
BASIS = "《政府网站发展指引》，国办发〔2017〕47号"
WHOM = "确需调整的，请联系省级管理部门在控制台修改模板。"

# Field → what changing it means. Those of the page itself hold for the home page too.
PAGE_FIELDS = {
    "title": "改名",
    "seo_title": "改名",
    "slug": "更改网页地址",
    "live": "撤回",
    "expired": "撤回",
    "go_live_at": "定时上线或下线",
    "expire_at": "定时上线或下线",
    "show_in_menus": "更改在导航中的显示",
    "content_type_id": "更改类型",
    "alias_of_id": "更改类型",
}
COLUMN_FIELDS = {
    "code": "更改栏目代码",
    "column_class": "更改类别",
    "fed_by": "更改类别",
    "column_type": "更改网页标签",
    "description": "更改网页标签",
    "keywords": "更改网页标签",
    "planted": "更改统一栏目的标记",
    "open_below": "更改统一栏目的标记",
    "placed_under": "更改统一栏目的标记",
    "shows_dates": "更改日期的显示",
}
HOME_FIELDS = {"planted_as": "更改模板所设的记录"}
MARKS = ("planted", "open_below", "placed_under", "shows_dates")
HOME_IS_ROOT = "首页是网站的根，删除它会让整个网站无法访问，因此不能删除。"


class ColumnLocked(ValidationError):
    """A change that only the province's template may make; the text says so to an editor."""


def sentence(page: Page, deed: str) -> str:
    """Return the refusal of a deed on a planted column or the home page."""
    what = f"栏目“{page.title}”" if getattr(page, "code", "") else "首页"
    return f"{what}由全省统一的栏目模板设置，网站不能{deed}（依据{BASIS}）。{WHOM}"


def place_sentence(parent: Page) -> str:
    """Return why no column of the site's own may be set up below this page."""
    if not getattr(parent, "code", ""):
        return f"一级栏目由全省统一的栏目模板设置，网站不能在首页下自设栏目（依据{BASIS}）。请在模板开放的栏目下新建；{WHOM}"
    return f"模板没有开放栏目“{parent.title}”供网站自设下级栏目（依据{BASIS}）。请在已开放的栏目下新建；{WHOM}"


def is_free() -> bool:
    """Whether the columns of the present schema are opened by planting or apply."""
    return is_opened(connection.schema_name)


def refuse_changes(page: Page, names: Iterable[str] | None = None) -> None:
    """Raise ColumnLocked where the page, as it is about to be saved, differs in what is locked; `names` narrows it down."""
    if is_free() or page.pk is None or page._state.adding:
        return
    stored = type(page)._base_manager.filter(pk=page.pk)
    fields = _locked_fields(page)
    before = stored.values(*fields).first()
    if before is None:
        return
    held = before.get("planted", True)
    for name in fields if held else MARKS:
        if (names is None or name.removesuffix("_id") in names) and getattr(page, name) != before[name]:
            page_before = type(page)(title=before["title"], **({"code": before["code"]} if "code" in before else {}))
            raise ColumnLocked(sentence(page_before, fields[name]))


def _locked_fields(page: Page) -> dict[str, str]:
    """Return field → deed of what a template holds of such a page."""
    if hasattr(page, "planted"):
        return {**PAGE_FIELDS, **COLUMN_FIELDS}
    fields = {**PAGE_FIELDS, **HOME_FIELDS}
    del fields["live"]  # receivers keep the home page live, and say so in their own words
    return fields


def refuse_values(page: Page, values: Mapping[str, Any]) -> None:
    """Raise ColumnLocked where the values, as a request names them, differ from what is locked of the page."""
    if is_free() or not (hasattr(page, "planted") or hasattr(page, "planted_as")):
        return
    fields = _locked_fields(page)
    for name in fields if getattr(page, "planted", True) else MARKS:
        if name in values and values[name] != getattr(page, name):
            raise ColumnLocked(sentence(page, fields[name]))


def refuse_deletion(page: Page) -> None:
    """Raise before the tree counts children: the triggers would speak of the page above."""
    if is_free():
        return
    if not hasattr(page, "planted"):
        raise ProtectedError(HOME_IS_ROOT, {page})
    if page.planted:
        raise ColumnLocked(sentence(page, "删除"))


def refuse_new(column: "ColumnPage", parent: Page | None) -> None:
    """Raise ColumnLocked for a new column that calls itself planted, or that is to stand where no local one may."""
    if is_free():
        return
    if column.planted or column.open_below or column.placed_under is not None:
        raise ColumnLocked(sentence(column, "自行标记为统一栏目"))
    if not column.shows_dates:
        raise ColumnLocked(sentence(column, COLUMN_FIELDS["shows_dates"]))
    if parent is not None and not takes_local_columns(parent):
        raise ColumnLocked(place_sentence(parent))


def takes_local_columns(parent: Page) -> bool:
    """Whether the site may set up columns of its own below this page."""
    parent = parent.specific
    return bool(hasattr(parent, "planted") and (parent.open_below or not parent.planted))


def place_refusal(page: Page, place: Page) -> str:
    """Return why this page, where it is a column, may be neither made nor put below that one; empty where it may."""
    page = page.specific_deferred
    if not hasattr(page, "planted") or is_free() or takes_local_columns(place) or place.pk == page.placed_under:
        return ""
    return place_sentence(place.specific)


def refuse_move(page: "ColumnPage", new_parent: Page) -> None:
    """Raise ColumnLocked where a planted column leaves its parent, or a local one goes where the template opened nothing."""
    if is_free() or new_parent.pk == page.placed_under:
        return
    if page.planted:
        raise ColumnLocked(sentence(page, "移动"))
    if not takes_local_columns(new_parent):
        raise ColumnLocked(place_sentence(new_parent))


def message_of(error: BaseException) -> str:
    """Return the sentence of a refusal by model or trigger, or "" for every other error."""
    if isinstance(error, ColumnLocked):
        return " ".join(error.messages)
    cause: Any = error.__cause__ or error
    if getattr(cause, "pgcode", None) == SQLSTATE:
        return str(cause.diag.message_primary)
    return ""
