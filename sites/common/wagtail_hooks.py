"""The look of the admin of a site, and what of Wagtail its editors do not need.

Loaded by Wagtail.
"""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

# Wagtail's own pages about itself, in English.
UNNEEDED_MENU_ITEMS = frozenset({"help"})


@hooks.register("insert_global_admin_css")
def admin_css() -> SafeString:
    """Load our small style sheet."""
    return format_html('<link rel="stylesheet" href="{}">', static("common/admin.css"))


@hooks.register("construct_main_menu")
def leave_out(request: HttpRequest, menu_items: list[Any]) -> None:
    """Take out of the menu what editors do not need."""
    menu_items[:] = [item for item in menu_items if item.name not in UNNEEDED_MENU_ITEMS]
