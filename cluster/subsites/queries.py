"""Reads over the directory of sites. Called by commands, the console and search."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from cluster.subsites.errors import SiteNotFound
from cluster.subsites.models import PUBLIC_STATES, Domain, Region, SiteKind, SiteState, Subsite
from cluster.subsites.rules import PORTAL_KINDS


def site_by_code(code: str) -> Subsite:
    """Return the site of this code; raises SiteNotFound."""
    site = Subsite.objects.select_related("region", "parent").filter(code=code).first()
    if site is None:
        raise SiteNotFound(f"没有代码为“{code}”的站点，请用 list_sites 查看全部站点代码。")
    return site


def public_sites() -> QuerySet[Subsite]:
    """Return the sites that citizens may read now."""
    return Subsite.objects.filter(state__in=PUBLIC_STATES).exclude(kind=SiteKind.CONSOLE).select_related("region")


def parent_by_region(kind: SiteKind, region: Region | None) -> Subsite | None:
    """Return the site above a new one: a county's city or else its province; the portal of its own region for the rest."""
    place = region.parent if region is not None and kind in PORTAL_KINDS else region
    portals = Subsite.objects.filter(kind__in=PORTAL_KINDS).exclude(state=SiteState.CLOSED).order_by("id")
    while place is not None:
        above = portals.filter(region=place).first()
        if above is not None:
            return above
        place = place.parent
    return None


def with_hosts(sites: Iterable[Subsite]) -> list[Subsite]:
    """Return the sites with their primary hosts read, in one query for all of them."""
    sites = list(sites)
    domains = Domain.objects.filter(tenant__in=sites).order_by("is_primary", "-id").values_list("tenant_id", "domain")
    hosts = dict(domains)  # the last one of a site wins: its primary domain
    for site in sites:
        if site.pk in hosts:
            site._primary_host = hosts[site.pk]
    return sites


@dataclass(frozen=True)
class SiteFigures:
    """What a site has published: how many items, and when last."""

    items: int
    last_published_at: datetime | None


def figures_by_site() -> dict[int, SiteFigures]:
    """Return site id → figures, from the registry, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT site_id, count(*), max(coalesce(first_published_at, published_at))
               FROM public.resources_resource WHERE state = 'published' GROUP BY site_id"""
        )
        return {site_id: SiteFigures(items, last) for site_id, items, last in cursor.fetchall()}
