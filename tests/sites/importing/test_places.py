"""Which site a document goes to, by its region."""

from typing import Any

import pytest

from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import SiteState, Subsite
from cluster.subsites.services import close_site, open_site
from sites.content.importing.errors import BadRecord, ImportRefused
from sites.content.importing.places import ByRegion, OneSite
from sites.content.importing.records import Record

EMPTY: dict[str, Any] = dict.fromkeys(("category", "subcategory", "level", "region", "issuer", "note", "source"), "")


def record(record_id: str = "n1", **fields: Any) -> Record:
    rest = {"doc_no": (), "is_current": None, "pub_date": None, "effective_date": None}
    return Record(id=record_id, title="标题", body="正文", **{**EMPTY, **rest, **fields})


def codes(places: ByRegion, *records: Record) -> list[str]:
    return [place.code if isinstance(place, Subsite) else place.field for place in places.places(records)]


@pytest.mark.parametrize("region", ["黑龙江省 齐齐哈尔市", "齐齐哈尔市", "230200"])
def test_a_region_with_a_site_gets_its_documents(alpha: Subsite, beta: Subsite, region: str) -> None:
    open_site(code="other", name="丙市人民政府", kind="city", region_code="230300")
    assert codes(ByRegion("zcwj"), *[record(f"n{number}", region=region) for number in range(20)]) == ["beta"] * 20


def test_regions_without_a_site_are_spread_over_sites_of_their_level(alpha: Subsite, beta: Subsite) -> None:
    for code, region in (("other", "230300"), ("third", "230400")):
        open_site(code=code, name=f"{code}市人民政府", kind="city", region_code=region)
    records = [record(f"n{number}", region="浙江省 杭州市", level="city") for number in range(60)]
    found = codes(ByRegion("zcwj"), *records)
    assert set(found) == {"beta", "other", "third"}
    assert found == codes(ByRegion("zcwj"), *records)
    counties = codes(ByRegion("zcwj"), record(region="浙江省 杭州市 淳安县"), record(level="county", region="某县"))
    assert counties == ["alpha", "alpha"]


def test_a_new_site_takes_only_its_own_share(alpha: Subsite, beta: Subsite) -> None:
    open_site(code="other", name="丙市人民政府", kind="city", region_code="230300")
    records = [record(f"n{number}", level="city") for number in range(60)]
    before = codes(ByRegion("zcwj"), *records)
    open_site(code="third", name="丁市人民政府", kind="city", region_code="230400")
    after = codes(ByRegion("zcwj"), *records)
    moved = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert moved
    assert {new for _, new in moved} == {"third"}


def test_a_document_stays_where_it_already_is(alpha: Subsite, beta: Subsite) -> None:
    other = open_site(code="other", name="丙市人民政府", kind="city", region_code="230300")
    fields = {
        "state": ResourceState.WITHDRAWN,
        "withdrawn_at": "2026-01-01T00:00Z",
        "published_at": "2026-01-01T00:00Z",
    }
    Resource.objects.create(site=other, page_id=1, source_id="n1", title="t", path="/", content_hash="0", **fields)
    assert codes(ByRegion("zcwj"), record("n1", region="齐齐哈尔市"), record("n2", region="齐齐哈尔市")) == [
        "other",
        "beta",
    ]


def test_national_documents_need_a_province_and_say_so(alpha: Subsite, beta: Subsite) -> None:
    assert codes(ByRegion("zcwj"), record(region="全国")) == ["region"]
    open_site(code="province", name="某省人民政府", kind="province", region_code="230000")
    national = [
        record(region="全国"),
        record(level="national"),
        record(level="provincial", region="浙江省"),
        record(region="浙江省"),
    ]
    assert codes(ByRegion("zcwj"), *national) == ["province"] * 4


def test_a_document_of_nowhere_is_refused(alpha: Subsite, beta: Subsite) -> None:
    (error,) = ByRegion("zcwj").places([record()])
    assert isinstance(error, BadRecord)
    assert error.field == "region"


def test_closed_sites_and_columns_that_are_missing(alpha: Subsite, beta: Subsite, console: Subsite) -> None:
    # A county has no column of laws; a city has.
    assert codes(ByRegion("flfg"), record(region="齐齐哈尔市"), record(region="230184")) == ["beta", "region"]
    assert OneSite(beta, "flfg").places([record()]) == [beta]
    for site, column in ((alpha, "flfg"), (alpha, "nothing"), (console, "zcwj")):
        with pytest.raises(ImportRefused):
            OneSite(site, column)
    with pytest.raises(ImportRefused, match="没有一个"):
        ByRegion("nothing")
    close_site(alpha, reason="整合")
    assert Subsite.objects.get(code="alpha").state == SiteState.CLOSED
    with pytest.raises(ImportRefused, match="下线"):
        OneSite(Subsite.objects.get(code="alpha"), "zcwj")
    assert codes(ByRegion("zcwj"), record(region="230184")) == ["region"]
