"""Plant a base schema: home page, columns, groups, workflow. Repeatable: what is missing or differs is put right.

Called by cluster.subsites.base_schemas.plant inside the base schema; clones inherit all of it.
"""

from django.utils import timezone
from wagtail.models import Page, Site

from cluster.column_templates.opening import opened
from cluster.postgresql import connection
from cluster.subsites.models import SiteKind
from sites.columns.models import HomePage
from sites.columns.planting.fitting import fit_columns
from sites.columns.planting.groups import plant_groups
from sites.columns.planting.plan import site_plan
from sites.columns.planting.review import plant_review


def plant_columns(kind: str) -> None:
    """Give the base schema of a kind its page tree and its staff's groups."""
    plan = site_plan(kind)
    with opened(connection.schema_name):
        home = _plant_home()
        fit_columns(plan)
        plant_groups(kind, home)
        if kind != SiteKind.CONSOLE:
            plant_review(home)


def _plant_home() -> HomePage:
    """Return the home page, made in the place of Wagtail's welcome page where it is not there yet."""
    home = HomePage.objects.first()
    if home is None:
        # Its blocks come with the columns, as those of a version that is later than nothing.
        home = HomePage(title="首页", slug="planted-home", planted_as={"blocks": [], "order": []}, **_published())
        Page.objects.get(depth=1).add_child(instance=home)
    _make_root(home)
    # Deleting the page that is a site's root would take the Site row with it, therefore only now.
    Page.objects.filter(depth=2).exclude(pk=home.pk).delete()
    if home.slug != "home":
        home.refresh_from_db()
        home.slug = "home"
        home.save()
    return home


def _make_root(home: HomePage) -> None:
    site = Site.objects.order_by("-is_default_site", "pk").first() or Site(hostname="localhost")
    site.root_page, site.is_default_site = home, True
    site.save()
    Site.objects.exclude(pk=site.pk).delete()


def _published() -> dict[str, object]:
    now = timezone.now()
    return {"live": True, "first_published_at": now, "last_published_at": now}
