"""ColumnPage: a column (栏目) of a site, which lists its items and those of its sub-columns.

Planted by sites.columns.planting; items are children of it. cluster.resources reads code, name and class from here.
"""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.validators import RegexValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface, TitleFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Page

from cluster.column_templates.vocabulary import ColumnClass
from cluster.subsites.models import SiteKind
from sites.columns.column_feed import column_feed
from sites.columns.column_list import column_context
from sites.columns.forms import ColumnCopyForm, ColumnForm, ShapingForm
from sites.columns.lock import refusals
from sites.columns.lock.panel import LockPanel
from sites.columns.policies import COLUMN_IS_SHAPED, NEW_COLUMN, SHAPE_COLUMNS, ColumnPermissions
from sites.common.blocks import body_blocks
from sites.common.body import read_body
from sites.common.models import BasePage
from sites.common.showing import shows_body
from sites.common.slugs import initials

CODE_FORM = RegexValidator(r"^[a-z][a-z0-9_-]{0,39}\Z", "栏目代码以小写字母开头，只含小写字母、数字、连字符和下划线。")


def _shaping(field_name: str, **kwargs: Any) -> FieldPanel:
    """Return a panel that only administrators of the site see."""
    return FieldPanel(field_name, permission=SHAPE_COLUMNS, **kwargs)


class ColumnPage(RoutablePageMixin, BasePage):
    """A column: code, name (its title), class, and the words of its meta tags."""

    code = models.CharField("栏目代码", max_length=40, validators=[CODE_FORM], unique=True, blank=True)
    column_class = models.CharField(
        "栏目类别", max_length=12, choices=ColumnClass.choices, default=ColumnClass.PERIODIC
    )
    column_type = models.CharField(
        "栏目类型", max_length=40, help_text="网页标签 ColumnType，例如“政务动态”“政策文件”。"
    )
    description = models.CharField("栏目说明", max_length=300, help_text="网页标签 ColumnDescription。")
    keywords = models.CharField("关键词", max_length=200, help_text="网页标签 ColumnKeywords，多个用逗号分开。")
    fed_by = models.CharField(
        "汇集下级站点",
        max_length=12,
        choices=[choice for choice in SiteKind.choices if choice[0] != SiteKind.CONSOLE],
        blank=True,
        help_text="选了站点类别，本栏目就自动列出这类站点新发布的信息，不再自行发布。",
    )
    # Marks of the lock (sites.columns.lock), never written by the site: who planted the column, whether the site may add its own
    # below, and the page under which it always may stand (a planted one: must).
    planted = models.BooleanField("统一栏目", default=False, db_default=False, editable=False)
    open_below = models.BooleanField("可自设下级栏目", default=False, db_default=False, editable=False)
    placed_under = models.BigIntegerField("固定上级", null=True, editable=False)
    # Whether lists of it print dates; the template alone takes them away, and what shows none counts as not updated.
    shows_dates = models.BooleanField("列表显示日期", default=True, db_default=True, editable=False)
    body = StreamField(body_blocks(), verbose_name="栏目正文", blank=True, help_text="静态栏目的内容；其他栏目可留空。")

    template = "columns/column_page.html"
    stored_kind = "column"
    stored_params = ("page",)
    parent_page_types: ClassVar[list[str]] = ["columns.HomePage", "columns.ColumnPage"]
    exclude_fields_in_copy: ClassVar[list[str]] = ["code", *refusals.MARKS]
    page_description = "列出本栏目和下级栏目的信息。"
    base_form_class = ColumnForm
    copy_form_class = ColumnCopyForm
    api_base_form_class = ShapingForm

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    LockPanel(),
                    TitleFieldPanel("title", targets=[], placeholder="栏目名称", permission=SHAPE_COLUMNS),
                    FieldPanel("body"),
                ],
                heading="内容",
            ),
            ObjectList(
                [
                    MultiFieldPanel(
                        [
                            FieldPanel("code", read_only=True),
                            _shaping("column_class"),
                            _shaping("column_type"),
                            _shaping("fed_by"),
                        ],
                        heading="栏目属性",
                    ),
                    MultiFieldPanel([_shaping("description"), _shaping("keywords")], heading="网页标签"),
                ],
                heading="属性",
                permission=SHAPE_COLUMNS,
            ),
            ObjectList(
                [
                    _shaping(
                        "slug",
                        heading="网页地址",
                        help_text="留空则由名称的拼音首字母组成；首次保存时也作为栏目代码。",
                    ),
                    _shaping("show_in_menus", heading="显示在导航中"),
                ],
                heading="地址与导航",
                permission=SHAPE_COLUMNS,
            ),
        ]
    )

    class Meta:
        verbose_name = "栏目"
        verbose_name_plural = "栏目"
        constraints = (
            models.CheckConstraint(condition=models.Q(code__regex=r"^[a-z][a-z0-9_-]{0,39}$"), name="column_code_form"),
            models.CheckConstraint(condition=models.Q(column_class__in=ColumnClass.values), name="column_class_known"),
        )

    def __str__(self) -> str:
        return self.title

    def default_slug(self) -> str:
        """Return the initials of the name; a column has no day."""
        return initials(self.title) or "column"

    def with_content_json(self, content: dict[str, Any]) -> Self:
        """Rebuild a draft; a code is given once and no draft changes it."""
        draft: Self = super().with_content_json(content)
        draft.code = self.code or draft.code
        # A draft from before the template changed would bring back what the lock now keeps.
        kept = {**refusals.PAGE_FIELDS, **refusals.COLUMN_FIELDS} if self.planted else refusals.MARKS
        for name in kept:
            setattr(draft, name, getattr(self, name))
        if self.planted:
            draft.url_path = self.url_path
        return draft

    def _set_core_field_defaults(self) -> None:
        super()._set_core_field_defaults()
        if not self.code and self.slug:
            self.code = free_code(self.slug)

    def clean(self) -> None:
        """Refuse in the form already what the lock keeps."""
        super().clean()
        refusals.refuse_changes(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep to the lock; give a mirrored column a code of its own: a code names one column of the site."""
        if self._state.adding:
            if self.alias_of_id:
                self.code = free_code(self.code)
                self.planted, self.open_below, self.placed_under, self.shows_dates = False, False, None, True
            if not self.code:
                # A copied sub-column comes without one, and without the cleaning that gives one.
                self.code = free_code(self.slug or self.default_slug())
            refusals.refuse_new(self, getattr(self, "_cached_parent_obj", None))
        refusals.refuse_changes(self, kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Keep to the lock."""
        refusals.refuse_deletion(self)
        return super().delete(*args, **kwargs)

    def move(self, target: Page, pos: str | None = None, user: Any = None) -> None:
        """Move within the tree as far as the lock allows."""
        as_child = pos is None or pos.endswith("-child")
        refusals.refuse_move(self, target if as_child else target.get_parent())
        super().move(target, pos, user)

    def can_move_to(self, parent: Page) -> bool:
        """Offer only places where the lock allows this column."""
        if not super().can_move_to(parent):
            return False
        try:
            refusals.refuse_move(self, parent)
        except refusals.ColumnLocked:
            return False
        return True

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        """Offer new columns only where the template opened a place."""
        return bool(super().can_create_at(parent)) and (refusals.is_free() or refusals.takes_local_columns(parent))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add items, sub-columns and pages."""
        shows_body(read_body(self.body.raw_data, with_text=False))
        return {**super().get_context(request, *args, **kwargs), **column_context(self, request)}

    def permissions_for_user(self, user: AbstractBaseUser | AnonymousUser) -> ColumnPermissions:
        """Tell Wagtail, in the admin and in the API, what this account may do with the column."""
        return ColumnPermissions(user, self)

    def shaping_refusal(self) -> str:
        """Return what to say to an account that writes more than the text."""
        return COLUMN_IS_SHAPED.format(title=self.title) if self.pk else NEW_COLUMN

    def has_own_items(self) -> bool:
        """Whether items stand directly in this column."""
        children = self.get_children().live()
        return bool(children.exclude(content_type_id=self.content_type_id).exists())

    @path("")
    def list_route(self, request: HttpRequest) -> HttpResponse:
        """Serve the list."""
        return self.render(request)

    @path("rss/", name="rss")
    def feed_route(self, request: HttpRequest) -> HttpResponse:
        """Serve the newest items as RSS."""
        if getattr(request, "is_preview", False):
            raise Http404
        return column_feed(self, request)

    def get_route_paths(self) -> list[str]:
        """Name the feed too, so that a moved column leaves a redirect for its subscribers."""
        return ["/", "/rss/"]


def free_code(wish: str) -> str:
    """Return the wish, or the wish with the first free number; a wish that is no code becomes one."""
    base = "".join(sign for sign in wish.lower() if sign.isascii() and (sign.isalnum() or sign in "-_")).lstrip(
        "0123456789-_"
    )
    base = base[:34] or "column"
    taken = set(ColumnPage.objects.filter(code__startswith=base).values_list("code", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(code for code in numbered if code not in taken)
