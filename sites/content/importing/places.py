"""Decide in which site a document belongs: the one site that was named, or the site of the document's region.

Called by `run`. By region: a division with a site of its own gets its documents; documents of all others, national ones
included, are spread over the sites of the same level (country and province: province portals, city: city sites, county:
county sites) by a fixed hash of the document's id. What a site of that level already has stays there, so that a newly
opened site does not make a second copy of everything.
"""

import hashlib
from collections.abc import Iterable, Sequence

from cluster.context import in_site
from cluster.resources.models import Resource
from cluster.subsites.models import Region, SiteKind, SiteState, Subsite
from sites.columns.models import ColumnPage
from sites.content.importing.errors import BadRecord, ImportRefused
from sites.content.importing.records import Record

NATIONAL = ("全国", "中国", "国家")
KIND_OF_LEVEL = {
    **dict.fromkeys(("national", "provincial", "province", "国家级", "国家", "省级", "省"), SiteKind.PROVINCE),
    **dict.fromkeys(("city", "市级", "市"), SiteKind.CITY),
    **dict.fromkeys(("county", "县级", "县"), SiteKind.COUNTY),
}
KIND_OF_DEPTH = {1: SiteKind.PROVINCE, 2: SiteKind.CITY, 3: SiteKind.COUNTY}
LEVELS = (SiteKind.PROVINCE, SiteKind.CITY, SiteKind.COUNTY)


def receiving_column(site: Subsite, code: str) -> ColumnPage | None:
    """Return the site's column of this code if it takes articles."""
    with in_site(site):
        return ColumnPage.objects.filter(code=code, fed_by="", alias_of=None).defer_streamfields().first()


class OneSite:
    """All documents go to one site."""

    def __init__(self, site: Subsite, column_code: str) -> None:
        """Check the site and its column. Raises ImportRefused."""
        if site.is_console or site.state == SiteState.CLOSED:
            raise ImportRefused(
                f"“{site.name}”（{site.code}）{'是管理控制台' if site.is_console else '已永久下线'}，不能导入。"
            )
        if receiving_column(site, column_code) is None:
            with in_site(site):
                codes = list(ColumnPage.objects.filter(fed_by="").order_by("path").values_list("code", flat=True))
            raise ImportRefused(
                f"站点“{site.code}”没有可以发布信息的栏目“{column_code}”；可用的栏目：{'、'.join(codes)}。"
            )
        self.site = site

    def places(self, records: Sequence[Record]) -> list[Subsite | BadRecord]:
        """Return the site for each record."""
        return [self.site] * len(records)


class ByRegion:
    """Each document goes to the site of its region, or to one of its level."""

    def __init__(self, column_code: str) -> None:
        """Read the directory. Raises ImportRefused where no site has the column."""
        self.column_code = column_code
        sites = Subsite.objects.filter(kind__in=LEVELS).exclude(state=SiteState.CLOSED).select_related("region")
        self.sites = {site.pk: site for site in sites.order_by("code")}
        self.own = {(site.region_id, site.kind): site for site in reversed(self.sites.values()) if site.region_id}
        self.with_column = {pk for pk, site in self.sites.items() if receiving_column(site, column_code)}
        if not self.with_column:
            raise ImportRefused(f"没有一个省、市、县站点有可以发布信息的栏目“{column_code}”，请核对栏目代码。")
        self.regions = _regions_by_text()

    def places(self, records: Sequence[Record]) -> list[Subsite | BadRecord]:
        """Return for each record its site, or why there is none."""
        present = self._present([record.id for record in records])
        return [self._place(record, present.get(record.id, [])) for record in records]

    def _present(self, ids: Iterable[str]) -> dict[str, list[int]]:
        """Return document id → the sites that have it, or had it and took it down."""
        found: dict[str, list[int]] = {}
        rows = Resource.objects.filter(source_id__in=list(ids), site_id__in=self.sites).order_by("site_id")
        for source_id, site_id in rows.values_list("source_id", "site_id"):
            found.setdefault(source_id, []).append(site_id)
        return found

    def _place(self, record: Record, present: list[int]) -> Subsite | BadRecord:
        region = self.regions.get(record.region)
        kind = SiteKind(region.level) if region else _kind_of(record)
        if kind is None:
            cure = "请填写 region（如“黑龙江省 哈尔滨市”）或 level（national、provincial、city、county）。"
            return BadRecord("region", f"看不出区域“{record.region}”属于哪一级。", cure, record.id)
        staying = [self.sites[pk] for pk in present if self.sites[pk].kind == kind]
        site = staying[0] if staying else self.own.get((region.pk, kind)) if region else None
        site = site or self._spread(record.id, kind)
        if site is None:
            return BadRecord(
                "region", f"站群中没有{kind.label}一级的站点。", "请先开通，或用 --site 指定站点。", record.id
            )
        if site.pk not in self.with_column:
            cure = "请先在该站点设置这个栏目，或换一个栏目。"
            return BadRecord(
                "region", f"站点“{site.code}”没有可以发布信息的栏目“{self.column_code}”。", cure, record.id
            )
        return site

    def _spread(self, record_id: str, kind: SiteKind) -> Subsite | None:
        """Choose among the sites of the kind: the highest sha256 of id and code wins.

        A site that opens or closes later moves only the documents that are its own share.
        """
        candidates = [site for site in self.sites.values() if site.kind == kind and site.pk in self.with_column]
        return max(candidates, key=lambda site: _weight(record_id, site.code), default=None)


def _weight(record_id: str, code: str) -> bytes:
    return hashlib.sha256(f"{record_id}\n{code}".encode()).digest()


def _kind_of(record: Record) -> SiteKind | None:
    """Tell the level of a document whose region is not one of ours: by its level, else by the form of the region."""
    if record.level in KIND_OF_LEVEL:
        return KIND_OF_LEVEL[record.level]
    if record.region in NATIONAL:
        return SiteKind.PROVINCE
    return KIND_OF_DEPTH.get(len(record.region.split()))


def _regions_by_text() -> dict[str, Region]:
    """Return what a record may say → the division: its code, its full name, or its name where only one bears it."""
    regions = {region.pk: region for region in Region.objects.all()}
    names: dict[str, list[Region]] = {}
    found: dict[str, Region] = {}
    for region in regions.values():
        found[region.code] = region
        found[_full_name(region, regions)] = region
        names.setdefault(region.name, []).append(region)
    return found | {name: same[0] for name, same in names.items() if len(same) == 1 and name not in found}


def _full_name(region: Region, regions: dict[str, Region]) -> str:
    above = regions.get(region.parent_id or "")
    return f"{_full_name(above, regions)} {region.name}" if above else region.name
