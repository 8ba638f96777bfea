"""Who names the officers of a site's columns: the site's administrators, nobody else.

Asked by the panel and by the pages of duties.
"""

from typing import Any

from django.apps import apps
from django.conf import settings

from cluster.context import current_site


def may_assign(user: Any) -> bool:
    """Whether the account may say who answers for which column: who shapes the columns of a site may."""
    site = current_site()
    if site is None or site.is_console or not getattr(user, "is_active", False):
        return False
    meta = apps.get_model(settings.COLUMN_MODEL)._meta
    return bool(user.has_perm(f"{meta.app_label}.change_{meta.model_name}"))
