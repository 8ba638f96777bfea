"""Wagtail's actions on pages, with Chinese sentences for what they refuse; the API answers 403 with them.

Registered by the hook register_actions; the rules stand in policies, which the actions ask through the page.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from wagtail.actions import (
    ActionRegistry,
    BaseAction,
    ConvertAliasPageAction,
    CopyPageAction,
    CreatePageAction,
    CreatePageAliasAction,
    DeletePageAction,
    EditPageAction,
    MovePageAction,
    PublishPageRevisionAction,
    RevertToPageRevisionAction,
    UnpublishPageAction,
)
from wagtail.models import Page

from sites.columns.lock.refusals import place_refusal
from sites.columns.policies import refusal

NO_PERMISSION = "您的账号没有办理这件事的权限，或页面正被他人锁定。需要办理的，请联系本网站的管理员（site_admin）。"
PLAIN_ACTIONS = (
    *(CreatePageAction, EditPageAction, PublishPageRevisionAction),
    *(RevertToPageRevisionAction, ConvertAliasPageAction),
)
SHAPING_ACTIONS = (CopyPageAction, CreatePageAliasAction, DeletePageAction, MovePageAction, UnpublishPageAction)


class SayingWhy(BaseAction):
    """Check as Wagtail does, and put a refusal in Chinese."""

    is_shaping = False

    def check(self, *args: Any, **kwargs: Any) -> None:
        """Raise the action's own PermissionDenied with the reason."""
        try:
            super().check(*args, **kwargs)
        except PermissionDenied as error:
            reason = refusal(self.user, self.instance) if self.is_shaping else ""
            raise type(error)(reason or self._place_refusal(*args, **kwargs) or NO_PERMISSION) from error

    def _place_refusal(self, parent_after: Page | None = None, **kwargs: Any) -> str:
        """Return why a column may not stand where the action would put it: moved, copied, mirrored or made there."""
        place = parent_after or getattr(self, "to", None) or getattr(self, "parent", None)
        return place_refusal(self.instance, place) if place else ""


def register(registry: ActionRegistry) -> None:
    """Put the actions that say why in the place of Wagtail's."""
    for action in (*PLAIN_ACTIONS, *SHAPING_ACTIONS):
        shaping = {"is_shaping": action in SHAPING_ACTIONS}
        registry.register(Page, type(action.__name__, (SayingWhy, action), shaping))
