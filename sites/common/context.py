"""What every template of a site can name: the site's record, its menu, where it stands in the cluster.

Listed in settings.TEMPLATES; also runs for Wagtail's admin, so whatever asks the database waits until a template asks.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cluster.context import current_site
from cluster.edge import keys, recording
from cluster.edge.variants import Variant
from cluster.subsites.models import Subsite
from sites.common.navigation import read_navigation


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
        "variant": getattr(request, "variant", Variant.NORMAL),
        "is_demo": settings.DEMO_CLUSTER,
    }


def portal_of(site: Subsite) -> dict[str, str]:
    """Return name and address of the site above; empty for a portal."""
    parent = site.parent
    if parent is None:
        return {}
    recording.uses(keys.named(parent.schema_name))
    return {"name": parent.name, "url": f"{parent.root_url}/"} if parent.is_public else {}
