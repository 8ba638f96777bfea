"""What other sites of the cluster published, and where they are; read from the registry, never from their schemas.

Called by home blocks, by columns that gather lower sites, and by the header for the way up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import PUBLIC_STATES, Domain, SiteKind, Subsite
from sites.common.listing import ListedItem

# The news of a site; its regulations and notices stay in its own columns.
NEWS_CODES = ("dtyw",)


def short_label(site: Subsite) -> str:
    """Return the name of a site as lists within the cluster say it: 哈尔滨市, 教育厅."""
    name = site.display_name.removesuffix("人民政府")
    if site.kind in (SiteKind.DEPARTMENT, SiteKind.BODY) and site.region:
        name = name.removeprefix(site.region.name)
    return name or site.display_name


@dataclass(frozen=True, slots=True)
class SiteLink:
    """A site of the cluster and where it is."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class SiteGroup:
    """The public sites of one kind."""

    title: str
    sites: list[SiteLink]


class ClusterNews:
    """The news of the public sites of a kind right below a site, as a list that reads only the slice one asks for."""

    def __init__(self, kind: str, above: Subsite | None) -> None:
        # The few sites first: their rows then come by the index over site, column and time.
        below = Subsite.objects.filter(kind=kind, parent=above, state__in=PUBLIC_STATES).values_list("pk", flat=True)
        self.rows: QuerySet[Resource] = (
            Resource.objects.filter(state=ResourceState.PUBLISHED, column_code__in=NEWS_CODES, site__in=list(below))
            .select_related("site__region")
            .defer("text", "attachments_digest")
            .order_by("-published_at", "id")
        )

    def count(self) -> int:
        """Return how many items there are."""
        return self.rows.count()

    __len__ = count

    def __getitem__(self, asked: slice) -> list[ListedItem]:
        rows = list(self.rows[asked])
        note_hosts([row.site for row in rows])
        return [
            ListedItem(row.title, row.url, row.published_at, summary=row.summary, source=short_label(row.site))
            for row in rows
        ]


def note_hosts(sites: Iterable[Subsite]) -> None:
    """Read the hosts of several sites at once, so that `root_url` asks for none of them."""
    by_id: dict[int, list[Subsite]] = {}
    for site in sites:
        by_id.setdefault(site.pk, []).append(site)
    domains = Domain.objects.filter(tenant__in=by_id).order_by("is_primary", "-id").values_list("tenant_id", "domain")
    for site_id, domain in domains:
        for site in by_id[site_id]:
            site._primary_host = domain


def site_groups(kinds: Iterable[str]) -> list[SiteGroup]:
    """Return the public sites of these kinds, a group for each kind that has any."""
    wanted = list(kinds)
    sites = list(Subsite.objects.filter(kind__in=wanted, state__in=PUBLIC_STATES).select_related("region").order_by("region_id", "id"))
    note_hosts(sites)
    groups = []
    for kind in wanted:
        links = [SiteLink(short_label(site), f"{site.root_url}/") for site in sites if site.kind == kind]
        if links:
            groups.append(SiteGroup(SiteKind(kind).label, links))
    return groups
