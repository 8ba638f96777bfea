"""What items say of one another across sites: interprets, repeals, amends. Written with a row, read from both ends.

Called by the projection; pages of sites read `links_from` and `links_to`. A trigger marks the page that is pointed at, so
that its own row (its validity) follows.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cluster.edge import keys, recording
from cluster.postgresql import connection
from cluster.resources.documents import Validity
from cluster.resources.entry import EntryLink
from cluster.resources.models import LinkKind, Resource, ResourceLink, ResourceState
from cluster.subsites.models import PUBLIC_STATES, Subsite

Place = tuple[int, int]  # site, page
# These change what the other document is worth; only its own site and those above it may say so.
COMMANDING = (LinkKind.REPEALS, LinkKind.AMENDS)


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """An item at the other end of a link, as lists show it; `url` is absolute."""

    kind: str
    title: str
    url: str
    site_name: str
    is_own: bool
    doc_no: tuple[str, ...]
    validity: str
    since: date | None
    resource_id: uuid.UUID
    page_type: str

    @property
    def validity_label(self) -> str:
        """The validity in words; empty for items that have none."""
        return str(Validity(self.validity).label) if self.validity else ""


class LinkRefused(ValueError):
    """A link to another item cannot be made; str() says why and what to do."""


def may_command(source: Subsite, target_site_id: int) -> bool:
    """Whether documents of the source may repeal or amend those of the target: the same site, or one above it."""
    above = Subsite.objects.in_bulk([target_site_id]).get(target_site_id)
    seen: set[int] = set()
    while above is not None and above.pk not in seen:
        if above.pk == source.pk:
            return True
        seen.add(above.pk)
        above = above.parent
    return False


def write_links(site: Subsite, said: Mapping[uuid.UUID, Sequence[EntryLink]]) -> None:
    """Make the links of these rows what their pages say: only differences are written, each is a mark for its target."""
    if not said:
        return
    there: dict[uuid.UUID, dict[tuple[str, Place], ResourceLink]] = defaultdict(dict)
    for link in ResourceLink.objects.filter(source_id__in=list(said)):
        there[link.source_id][link.kind, (link.target_site_id, link.target_page_id)] = link
    if not there and not any(said.values()):
        return
    places = _places(site, said.values())
    gone: list[int] = []
    new: list[ResourceLink] = []
    for source_id, links in said.items():
        wanted, old = _wanted(site, links, places), there[source_id]
        gone += [link.pk for key, link in old.items() if key not in wanted or wanted[key] != link.since]
        new += [
            ResourceLink(source_id=source_id, kind=kind, target_site_id=place[0], target_page_id=place[1], since=since)
            for (kind, place), since in wanted.items()
            if (kind, place) not in old or old[kind, place].since != since
        ]
    ResourceLink.objects.filter(pk__in=gone).delete()
    ResourceLink.objects.bulk_create(new)


def _places(site: Subsite, said: Iterable[Sequence[EntryLink]]) -> dict[uuid.UUID, Place]:
    """Return where the items of other sites are that somebody names by their registry id."""
    ids = {link.resource_id for links in said for link in links if link.resource_id}
    rows = Resource.objects.filter(pk__in=ids).values_list("pk", "site_id", "page_id") if ids else ()
    return {pk: (site_id, page_id) for pk, site_id, page_id in rows}


def _wanted(
    site: Subsite, links: Sequence[EntryLink], places: Mapping[uuid.UUID, Place]
) -> dict[tuple[str, Place], date | None]:
    wanted: dict[tuple[str, Place], date | None] = {}
    for link in links:
        place = (site.pk, link.page_id) if link.page_id else places.get(link.resource_id) if link.resource_id else None
        if place is None or (link.kind in COMMANDING and place[0] != site.pk and not may_command(site, place[0])):
            continue
        wanted[link.kind, place] = link.since
    return wanted


def links_from(site: Subsite, targets: Sequence[EntryLink]) -> list[LinkedItem]:
    """Return the public items that a page names, in its order, whether or not it is published itself."""
    own = {link.page_id for link in targets if link.page_id}
    other = {link.resource_id for link in targets if link.resource_id}
    if not own and not other:
        return []
    recording.uses_all(keys.line(site.schema_name, page_id) for page_id in own)
    found = _public(Resource.objects.filter(Q(site=site, page_id__in=own) | Q(pk__in=other)))
    by_page = {row.page_id: row for row in found if row.site_id == site.pk}
    by_id = {row.pk: row for row in found}
    items = []
    for link in targets:
        row = by_page.get(link.page_id) if link.page_id else by_id.get(link.resource_id) if link.resource_id else None
        if row is not None:
            items.append(_item(site, link.kind, link.since, row))
    return items


def links_to(site: Subsite, page_id: int) -> list[LinkedItem]:
    """Return the public items that point at this page of the site, newest first."""
    with connection.cursor() as cursor:
        # Written out: every page asks, and few have any.
        cursor.execute(
            """SELECT source_id, kind, since FROM public.resources_resourcelink
               WHERE target_site_id = %s AND target_page_id = %s""",
            [site.pk, page_id],
        )
        said = cursor.fetchall()
    if not said:
        return []
    sources = {row.pk: row for row in _public(Resource.objects.filter(pk__in={pk for pk, _, _ in said}))}
    found = [(sources[pk], kind, since) for pk, kind, since in said if pk in sources]
    found.sort(key=lambda one: (one[0].published_at, one[0].pk), reverse=True)
    return [_item(site, kind, since, row) for row, kind, since in found]


def pointed_at(kind: LinkKind, site: Subsite, page_ids: Sequence[int]) -> set[int]:
    """Return which of these pages of the site a public item points at; one query for all."""
    if not page_ids:
        return set()
    rows = ResourceLink.objects.filter(
        kind=kind,
        target_site=site,
        target_page_id__in=list(page_ids),
        source__state=ResourceState.PUBLISHED,
        source__site__state__in=PUBLIC_STATES,
    )
    return set(rows.values_list("target_page_id", flat=True))


def find_item(text: str) -> Resource:
    """Return the public item that an editor names by its address or its registry id. Raises LinkRefused."""
    text = text.strip()
    try:
        rows = Resource.objects.filter(pk=uuid.UUID(text))
    except ValueError:
        rows = _rows_at(text)
    found = _public(rows)
    if not found:
        raise LinkRefused(
            f"在站群已公开的信息中找不到“{text}”。请从浏览器复制那份文件的完整网址，或者填写它的资源编号；对方网站撤回的和还没有发布的不能引用。"
        )
    return found[0]


def _rows_at(address: str) -> QuerySet[Resource]:
    parts = urlsplit(address if "://" in address else f"//{address}")
    host = (parts.hostname or "").lower()
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    return Resource.objects.filter(site__domains__domain=host, path=path)


def commands_on(kind: LinkKind, site: Subsite, page: str = "pk") -> Subquery:
    """Return the day since when a page of the site is repealed or amended, as a subquery over the page's key.

    What a document says ends when it is withdrawn, and its links with it; not when its whole site is away for a while.
    """
    links = ResourceLink.objects.filter(kind=kind, target_site_id=site.pk, target_page_id=OuterRef(page))
    return Subquery(links.order_by("since").values("since")[:1])


def _public(rows: QuerySet[Resource]) -> list[Resource]:
    """Return those of the rows that are public; a page that asks shows the others as soon as they are."""
    found = list(rows.select_related("site").defer("text"))
    recording.uses_all(keys.line(row.site.schema_name, row.page_id) for row in found)
    others = {row.site.schema_name for row in found} - {connection.schema_name}
    recording.uses_all(keys.borrowed(schema) for schema in others)
    if found:
        recording.uses(keys.DIRECTORY)
    return [row for row in found if row.state == ResourceState.PUBLISHED and row.site.state in PUBLIC_STATES]


def _item(here: Subsite, kind: str, since: date | None, row: Resource) -> LinkedItem:
    return LinkedItem(
        kind=kind,
        title=row.title,
        url=row.path if row.site_id == here.pk else row.url,
        site_name=row.site.name,
        is_own=row.site_id == here.pk,
        doc_no=tuple(row.doc_no or ()),
        validity=row.validity,
        since=since,
        resource_id=row.pk,
        page_type=row.page_type,
    )
