"""Signals in: the home page of a site is not deleted by any road, for the Site row would go with it (trap E5).

Connected by ColumnsConfig.ready.
"""

from typing import Any

from django.db.models import ProtectedError
from django.db.models.signals import pre_delete

from sites.columns.models import HomePage


def keep_home_page(instance: HomePage, **kwargs: Any) -> None:
    """Refuse the deletion."""
    raise ProtectedError("首页是网站的根，删除它会让整个网站无法访问，因此不能删除。", {instance})


def connect() -> None:
    """Connect the receivers."""
    pre_delete.connect(keep_home_page, sender=HomePage, dispatch_uid="columns_keep_home_page")
