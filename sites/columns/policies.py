"""Who may shape the column tree: the site's administrators, but for the home page and what the province's template planted.

Pages hand these testers to Wagtail (`permissions_for_user`), which asks them in the admin and in the API alike.
"""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from wagtail.models import Page, PagePermissionTester

from sites.columns.lock import refusals

# Django's own permission, given to the group site_admin: who has it may shape the column tree.
SHAPE_COLUMNS = "columns.change_columnpage"
HOME_STAYS = "首页是网站的根，不能删除、移动、复制或撤回。要停用网站，请联系省级管理员在控制台办理。"
HOME_IS_SHAPED = "首页的名称、地址和版块由本网站的管理员（site_admin）修改。"
NEW_COLUMN = "新建栏目由本网站的管理员（site_admin）办理。要发布信息，请先进入栏目，再新建文章。"
HIDE = "限制访问"
COLUMN_IS_SHAPED = "“{title}”是栏目，栏目的新建、改名、移动、撤回和删除由本网站的管理员（site_admin）办理。"


def can_shape_columns(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the account may create, rename, move and remove columns."""
    return bool(user.has_perm(SHAPE_COLUMNS))  # type: ignore[union-attr]


def refusal(user: AbstractBaseUser | AnonymousUser, page: Page) -> str:
    """Return why this page must not be removed, moved, copied or withdrawn by this account; empty where it may."""
    return getattr(page.permissions_for_user(user), "refusal", "")


def hiding_refusal(user: AbstractBaseUser | AnonymousUser, page: Page) -> str:
    """Return why this account must not restrict who reads this page; empty where it may."""
    return getattr(page.permissions_for_user(user), "hiding_refusal", "")


class HomePermissions(PagePermissionTester):
    """The home page is not withdrawn, moved, copied or deleted by anybody, and shaped by administrators alone."""

    refusal = HOME_STAYS

    @property
    def hiding_refusal(self) -> str:
        """Why nobody restricts who reads the home page."""
        return refusals.sentence(self.page, HIDE)

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """Refuse; moving hangs on it too."""
        return False

    def can_unpublish(self) -> bool:
        """Refuse: the whole site would answer 404."""
        return False

    def can_copy(self) -> bool:
        """Refuse; mirrors hang on it too."""
        return False

    def can_add_subpage(self) -> bool:
        """Below the home page stand columns only."""
        return can_shape_columns(self.user) and super().can_add_subpage()

    def can_reorder_children(self) -> bool:
        """The order of the columns is that of the navigation."""
        return can_shape_columns(self.user) and super().can_reorder_children()

    def can_set_view_restrictions(self) -> bool:
        """Refuse: a restriction on the home page hides the whole site."""
        return False


class ColumnPermissions(PagePermissionTester):
    """A column is shaped by administrators of the site; editors write its text and what stands in it."""

    @property
    def refusal(self) -> str:
        """Why this account must not shape this column; empty where it may."""
        if self.page.specific_deferred.planted:
            return refusals.sentence(self.page.specific_deferred, "改名、移动、复制、撤回、隐藏或删除")
        return "" if can_shape_columns(self.user) else COLUMN_IS_SHAPED.format(title=self.page.title)

    @property
    def hiding_refusal(self) -> str:
        """Why this account must not restrict who reads this column; empty where it may."""
        page = self.page.specific_deferred
        return refusals.sentence(page, HIDE) if page.planted else self.refusal

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """Ask for the right to shape first; moving hangs on it too."""
        return not self.refusal and super().can_delete(ignore_bulk=ignore_bulk)

    def can_unpublish(self) -> bool:
        """Ask for the right to shape first."""
        return not self.refusal and super().can_unpublish()

    def can_copy(self) -> bool:
        """Ask for the right to shape first; mirrors hang on it too."""
        return not self.refusal and super().can_copy()

    def can_set_view_restrictions(self) -> bool:
        """A restriction hides all that stands in the column."""
        return not self.refusal and super().can_set_view_restrictions()
