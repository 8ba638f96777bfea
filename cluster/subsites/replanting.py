"""See that a site has its home page, and plant the page tree anew where nothing is left of it.

Called by services.repair_site. Where pages are left without a home page nothing is touched: planting clears away what is
not its own, and only a backup knows where those pages belong.
"""

from django.conf import settings
from django.utils.module_loading import import_string
from wagtail.models import Page, Site

from cluster.context import in_site
from cluster.subsites.errors import HalfRestored
from cluster.subsites.models import Subsite


def restore_home(site: Subsite) -> bool:
    """Plant home page and columns of the site's kind where no page is left; return whether that was so.

    Raises HalfRestored where the home page is missing and others are there.
    """
    with in_site(site):
        if _has_home():
            return False
        if others := Page.objects.filter(depth__gt=1).count():
            raise HalfRestored(
                f"模式 {site.schema_name} 缺少首页，而其他页面还有 {others} 个：请从备份恢复首页（页面、首页和 Wagtail 站点各一行），"
                "不要重新种植，以免清除现有内容。"
            )
        # Rows taken away by SQL leave their number behind, and the tree would look for a last child.
        if not Page.objects.filter(depth=1).update(numchild=0):
            Page.add_root(title="Root", slug="root")
        for path in settings.BASE_SCHEMA_STEPS:
            import_string(path)(site.kind)
        return True


def _has_home() -> bool:
    """Return whether Wagtail's default site leads to a page that is there as a whole."""
    wagtail_site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if wagtail_site is None or wagtail_site.root_page.depth == 1:
        return False
    page_type = wagtail_site.root_page.specific_class
    return page_type is not None and page_type._default_manager.filter(pk=wagtail_site.root_page_id).exists()
