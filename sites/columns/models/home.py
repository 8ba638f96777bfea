"""HomePage: the front page of a site, one in each, made of blocks that columns feed.

Planted by sites.columns.planting; drawn by templates/columns/home_page.html.
"""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, ObjectList, TabbedInterface
from wagtail.fields import StreamField

from sites.columns.blocks import home_blocks
from sites.columns.forms import ShapingForm
from sites.columns.home_sections import home_context
from sites.columns.lock import refusals
from sites.columns.policies import HOME_IS_SHAPED, SHAPE_COLUMNS, HomePermissions
from sites.common.models import BasePage


class HomePage(BasePage):
    """The root of a site's pages."""

    blocks = StreamField(home_blocks(), verbose_name="首页版块", blank=True)

    # What the template planted last, written by planting alone: its blocks, and the codes of the columns in its order. A later
    # version tells by it what the site has changed since.
    planted_as = models.JSONField("模板所设", default=dict, db_default={}, blank=True, editable=False)

    template = "columns/home_page.html"
    stored_kind = "home"
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["columns.ColumnPage"]
    page_description = "网站首页，由各栏目的最新信息组成。"
    api_base_form_class = ShapingForm

    edit_handler = TabbedInterface([ObjectList([FieldPanel("blocks", permission=SHAPE_COLUMNS)], heading="首页")])

    class Meta:
        verbose_name = "首页"
        verbose_name_plural = "首页"

    def __str__(self) -> str:
        return self.title

    def with_content_json(self, content: dict[str, Any]) -> Self:
        """Rebuild a draft; what the template planted is no draft's business."""
        draft: Self = super().with_content_json(content)
        draft.planted_as = self.planted_as
        return draft

    def clean(self) -> None:
        """Refuse in the form already what the lock keeps."""
        super().clean()
        refusals.refuse_changes(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep to the lock."""
        refusals.refuse_changes(self, kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Keep to the lock."""
        refusals.refuse_deletion(self)
        return super().delete(*args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the blocks with their items."""
        return {**super().get_context(request, *args, **kwargs), **home_context(self, request)}

    def permissions_for_user(self, user: AbstractBaseUser | AnonymousUser) -> HomePermissions:
        """Tell Wagtail, in the admin and in the API, what this account may do with the home page."""
        return HomePermissions(user, self)

    def shaping_refusal(self) -> str:
        """Return what to say to an account that writes here and may not."""
        return HOME_IS_SHAPED
