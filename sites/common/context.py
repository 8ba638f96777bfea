"""What every template of a site can name: the site's record, its menu, where it stands in the cluster.

Listed in settings.TEMPLATES; also runs for Wagtail's admin, so whatever asks the database waits until a template asks.
"""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cluster.context import current_site
from cluster.subsites.models import Subsite
from sites.common.navigation import read_navigation

PORTAL_SECONDS = 60


def site_context(request: HttpRequest) -> dict[str, Any]:
    """Return the names that all templates share."""
    site = getattr(request, "site_record", None) or current_site()
    if site is None:
        return {}
    return {
        "site": site,
        "site_kind": site.kind,
        "nav": SimpleLazyObject(lambda: read_navigation(request)),
        "portal": SimpleLazyObject(lambda: portal_of(site)),
        "is_demo": settings.DEMO_CLUSTER,
    }


def portal_of(site: Subsite) -> dict[str, str]:
    """Return name and address of the site above; empty for a portal. Kept for a minute: it is on every page."""
    parent = site.parent
    if parent is None:
        return {}
    key = f"portal-{parent.pk}"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        found = {"name": parent.name, "url": f"{parent.root_url}/"} if parent.is_public else {}
        cache.set(key, found, PORTAL_SECONDS)
    return found
