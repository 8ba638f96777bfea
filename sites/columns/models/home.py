"""HomePage: the front page of a site, one in each, made of blocks that columns feed.

Planted by sites.columns.planting; drawn by templates/columns/home_page.html.
"""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
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

    def clean(self) -> None:
        """Refuse in the form already what the lock keeps."""
        super().clean()
        refusals.refuse_changes(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep to the lock."""
        refusals.refuse_changes(self, kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the blocks with their items."""
        return {**super().get_context(request, *args, **kwargs), **home_context(self, request)}

    def permissions_for_user(self, user: AbstractBaseUser | AnonymousUser) -> HomePermissions:
        """Tell Wagtail, in the admin and in the API, what this account may do with the home page."""
        return HomePermissions(user, self)

    def shaping_refusal(self) -> str:
        """Return what to say to an account that writes here and may not."""
        return HOME_IS_SHAPED
