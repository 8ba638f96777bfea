"""Who may shape the column tree: the site's administrators, nobody else.

Asked by the admin hooks and, through the panels' permission, by the forms of columns and home page.
"""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from wagtail.models import Page

from sites.columns.models.column import SHAPE_COLUMNS, ColumnPage
from sites.columns.models.home import HomePage


def can_shape_columns(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the account may create, rename, move and remove columns."""
    return bool(user.has_perm(SHAPE_COLUMNS))  # type: ignore[union-attr]


def refusal(user: AbstractBaseUser | AnonymousUser, page: Page) -> str:
    """Return why this page must not be removed, moved, copied or withdrawn by this account; empty where it may."""
    kind = page.specific_class
    if kind is HomePage:
        return "首页是网站的根，不能删除、移动、复制或撤回。要停用网站，请联系省级管理员在控制台办理。"
    if kind is ColumnPage and not can_shape_columns(user):
        return f"“{page.title}”是栏目，栏目的新建、改名、移动和删除由本网站的管理员（site_admin）办理。"
    return ""
