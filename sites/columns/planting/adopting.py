"""Give a fresh clone its own name: the home page's title and Wagtail's Site row still say what the mould said.

Called by cluster.subsites.services.furnish inside the new site's schema, and again by repair_site.
"""

from django.conf import settings
from wagtail.models import Site

from cluster.column_templates.opening import opened
from cluster.subsites.models import Subsite
from sites.columns.models import HomePage

MOULD_TITLE = "首页"


def adopt_site(site: Subsite) -> None:
    """Write the record's name and host where Wagtail looks for them (trap E6 of cloning)."""
    with opened(site):
        home = HomePage.objects.get()
        if home.title in (MOULD_TITLE, "") or home.latest_revision_id is None:
            home.title = home.draft_title = site.name
            home.save(update_fields=["title", "draft_title"])
        said = {"hostname": site.primary_host, "port": settings.SITE_PORT, "site_name": site.name}
        # Only where it differs: a write to this row makes the worker look at the whole site again.
        if Site.objects.exclude(**said).update(**said):
            Site.clear_site_root_paths_cache()
