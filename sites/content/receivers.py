"""Signals in: an item that is moved, by whatever road, stays in columns that take its kind.

Connected by ContentConfig.ready. The admin asks the page types before; a shell and a script come by here.
"""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail.models import Page
from wagtail.signals import pre_page_move

from sites.columns.taking import refusal_of_item
from sites.content.models import WrittenPage


def keep_to_columns_that_take(instance: Page, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    """Refuse the move; another place in the same column is none."""
    model = instance.specific_class
    if model is None or not issubclass(model, WrittenPage) or parent_page_before.pk == parent_page_after.pk:
        return
    if reason := refusal_of_item(parent_page_after, model.item_type):
        raise ValidationError(reason)


def connect() -> None:
    """Connect the receivers."""
    pre_page_move.connect(keep_to_columns_that_take, dispatch_uid="content_columns_that_take")
