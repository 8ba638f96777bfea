"""What other sites of the cluster published, and where they are; read from the registry, never from their schemas.

Called by home blocks and by columns that gather lower sites.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from cluster.column_templates.vocabulary import NEWS_CODES
from cluster.context import current_site
from cluster.edge import keys, recording
from cluster.postgresql import connection
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import PUBLIC_STATES, SiteKind
from sites.common.listing import ListedItem
from sites.common.routing import once
from sites.common.showing import shows_fed_list

_NEIGHBOURS = """SELECT s.id, d.domain, s.name, s.short_name, s.kind, s.parent_id, r.name, s.schema_name
    FROM public.subsites_domain d JOIN public.subsites_subsite s ON s.id = d.tenant_id
    LEFT JOIN public.subsites_region r ON r.code = s.region_id
    WHERE d.is_primary AND s.state = ANY(%s) AND s.kind <> %s ORDER BY s.region_id, s.id"""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A public site of the cluster and where it is."""

    pk: int
    title: str
    url: str
    kind: str
    parent_id: int | None
    schema: str


@dataclass(frozen=True, slots=True)
class SiteGroup:
    """The public sites of one kind."""

    title: str
    sites: list[Neighbour]


def neighbours(request: HttpRequest) -> dict[int, Neighbour]:
    """Return site id → site, for all public sites; read once for each request."""
    return once(request, "_neighbours", _neighbours)


def site_groups(request: HttpRequest, kinds: Iterable[str]) -> list[SiteGroup]:
    """Return the public sites of these kinds below this one, a group for each kind that has any."""
    here = current_site()
    groups = []
    for kind in kinds:
        sites = [
            site
            for site in neighbours(request).values()
            if site.kind == kind and here and _is_below(site, here.pk, request)
        ]
        if sites:
            groups.append(SiteGroup(str(SiteKind(kind).label), sites))
    return groups


class ClusterNews:
    """The news of the public sites of a kind right below this one, newest first: counted and read by slices."""

    def __init__(self, kind: str, request: HttpRequest) -> None:
        here, self.sites = current_site(), neighbours(request)
        self.kind, self.parent_id, self.is_counted = kind, here.pk if here else 0, False
        below = [pk for pk, site in self.sites.items() if site.kind == kind and here and site.parent_id == here.pk]
        # The few sites by number: their rows then come by the index over site, column and time.
        self.rows = Resource.objects.filter(
            state=ResourceState.PUBLISHED, column_code__in=NEWS_CODES, site_id__in=below
        ).order_by("-published_at", "id")

    def count(self) -> int:
        """Return how many items there are."""
        self.is_counted = True
        return self.rows.count()

    __len__ = count

    def __getitem__(self, asked: slice) -> list[ListedItem]:
        rows = self.rows.values_list("site_id", "path", "title", "published_at", "summary", "page_id")[asked]
        items = [
            ListedItem(
                title,
                self.sites[site_id].url + path,
                published_at,
                summary,
                self.sites[site_id].title,
                schema=self.sites[site_id].schema,
                page_id=page_id,
            )
            for site_id, path, title, published_at, summary, page_id in rows
        ]
        # A list that was counted shows a total and page numbers: whatever comes changes it.
        limit = None if self.is_counted else int(asked.stop)
        shows_fed_list(self.parent_id, self.kind, items, limit)
        return items


def _is_below(site: Neighbour, site_id: int, request: HttpRequest) -> bool:
    sites, above = neighbours(request), site.parent_id
    while above is not None and above != site_id:
        above = sites[above].parent_id if above in sites else None
    return above == site_id


def _neighbours() -> dict[int, Neighbour]:
    here = current_site()
    recording.uses(keys.DIRECTORY)
    if here is None:
        return {}
    # A link to a site differs from ours in the host alone.
    address = here.root_url.replace(here.primary_host, "{}", 1)
    with connection.cursor() as cursor:
        # Written out like the lists of items: most front pages ask, and composing it costs more than running it.
        cursor.execute(_NEIGHBOURS, [[state.value for state in PUBLIC_STATES], SiteKind.CONSOLE.value])
        rows = cursor.fetchall()
    return {
        pk: Neighbour(pk, _label(short or name, kind, region or ""), address.format(domain), kind, parent_id, schema)
        for pk, domain, name, short, kind, parent_id, region, schema in rows
    }


def _label(name: str, kind: str, region_name: str) -> str:
    """Say the name of a site as lists within the cluster do: 哈尔滨市, 教育厅."""
    short = name.removesuffix("人民政府").removesuffix("政府")
    if kind in (SiteKind.DEPARTMENT, SiteKind.BODY):
        short = short.removeprefix(region_name)
    return short or name
