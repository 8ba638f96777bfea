"""Signals in: the home page of a site is neither deleted nor withdrawn by any road, for the site would go with it (trap E5).

Planted columns are not deleted either.
Connected by ColumnsConfig.ready.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.db.models.signals import pre_delete, pre_save
from wagtail.models import Page

from cluster.context import current_site
from cluster.subsites.models import SiteState
from sites.columns.lock.refusals import HOME_IS_ROOT, ColumnLocked, is_free, sentence
from sites.columns.models import ColumnPage, HomePage


class HomePageStays(PermissionDenied):
    """The home page was to be withdrawn; the text says why it is not."""


def keep_home_page(instance: HomePage, **kwargs: Any) -> None:
    """Refuse the deletion."""
    if not _is_closed():
        raise ProtectedError(HOME_IS_ROOT, {instance})


def keep_planted_column(instance: ColumnPage, **kwargs: Any) -> None:
    """Refuse the deletion of what the template planted."""
    if instance.planted and not is_free():
        raise ColumnLocked(sentence(instance, "删除"))


def keep_home_page_live(instance: Page, **kwargs: Any) -> None:
    """Refuse the withdrawal of a live home page; also of one that was read as a plain Page, as the schedule does."""
    if instance.live or instance.pk is None or instance.specific_class is not HomePage or _is_closed():
        return
    if Page.objects.filter(pk=instance.pk, live=True).exists():
        raise HomePageStays(
            "首页是网站的根，撤回它会让整个网站无法访问，因此不能撤回。要停用网站，请联系省级管理员在控制台办理。"
        )


def connect() -> None:
    """Connect the receivers."""
    pre_delete.connect(keep_home_page, sender=HomePage, dispatch_uid="columns_keep_home_page")
    pre_delete.connect(keep_planted_column, sender=ColumnPage, dispatch_uid="columns_keep_planted_column")
    for sender in (HomePage, Page):
        pre_save.connect(keep_home_page_live, sender=sender, dispatch_uid=f"columns_keep_{sender.__name__}_live")


def _is_closed() -> bool:
    """Whether the site is being removed, by somebody who may open its columns: only then may its root go."""
    site = current_site()
    return is_free() and site is not None and site.state == SiteState.CLOSED
