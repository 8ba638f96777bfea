"""What may be said of a new site: code, name, domain (R13), identification code; each refusal beside its allowed twin."""

import pytest
from django.test import override_settings

from cluster.subsites import rules
from cluster.subsites.errors import InvalidSite
from cluster.subsites.models import Region, SiteKind, Subsite

PORTALS = (SiteKind.PROVINCE, SiteKind.CITY, SiteKind.COUNTY)
EVERY_KIND = (*PORTALS, SiteKind.DEPARTMENT, SiteKind.BODY, SiteKind.CONSOLE)


@pytest.mark.parametrize("code", ["a", "harbin", "wuchang-2", "a" * 40, "x1"])
def test_good_codes(code: str) -> None:
    assert rules.check_code(code) == code


@pytest.mark.parametrize(
    "code",
    ["", "1a", "-a", "a-", "A", "harbin_2", "a.b", "a b", "哈尔滨", "a" * 41, "a\n", "a\x00", "a;drop", "../a", "ａ"],
)
def test_bad_codes(code: str) -> None:
    with pytest.raises(InvalidSite, match="站点代码") as caught:
        rules.check_code(code)
    assert caught.value.field == "code"


@pytest.mark.parametrize("code", sorted(rules.RESERVED_CODES))
def test_reserved_codes(code: str) -> None:
    with pytest.raises(InvalidSite, match="保留字"):
        rules.check_code(code)
    assert rules.check_code(code + "2") == code + "2"


@pytest.mark.parametrize("name", ["黑龙江省人民政府", " 哈尔滨市 ", "😀", "a" * 120])
def test_good_names(name: str) -> None:
    assert rules.check_name(name) == name.strip()


@pytest.mark.parametrize("name", ["", "   ", "a" * 121, "a\x00b", "a\nb", "\x1b[31m", "a\x7fb", "政府\u202e网站"])
def test_bad_names(name: str) -> None:
    with pytest.raises(InvalidSite, match="网站名称"):
        rules.check_name(name)


def test_kinds() -> None:
    assert rules.check_kind("county") is SiteKind.COUNTY
    for bad in ("", "County", "town", "base_county"):
        with pytest.raises(InvalidSite, match="province、city"):
            rules.check_kind(bad)


def test_the_consoles_code_is_for_the_console() -> None:
    assert rules.check_kind("console", "console") is SiteKind.CONSOLE
    assert rules.check_kind("county", "console2") is SiteKind.COUNTY
    with pytest.raises(InvalidSite, match="只用于管理控制台"):
        rules.check_kind("county", "console")


def test_organizers() -> None:
    assert rules.check_organizer(" 省政府办公厅 ") == "省政府办公厅"
    assert rules.check_organizer("") == ""
    for bad in ("a" * 121, "厅\x00", "厅\n局"):
        with pytest.raises(InvalidSite, match="主办单位"):
            rules.check_organizer(bad)


def test_successors() -> None:
    assert rules.check_successor(" 新网站 ", " https://www.hlj.gov.cn/ ") == ("新网站", "https://www.hlj.gov.cn/")
    assert rules.check_successor("", "") == ("", "")
    for bad in (
        "javascript:alert(1)",
        "www.hlj.gov.cn",
        "http://",
        "http://a/\n",
        "https://www.hlj.gov.cn/" + "a" * 200,
    ):
        with pytest.raises(InvalidSite, match="整合后的网站地址"):
            rules.check_successor("", bad)
    with pytest.raises(InvalidSite, match="整合后的网站名称"):
        rules.check_successor("a" * 121, "")


@pytest.mark.django_db
def test_regions() -> None:
    assert rules.check_region("230100", SiteKind.CITY) == Region.objects.get(pk="230100")
    assert rules.check_region("", SiteKind.CONSOLE) is None
    for bad in ("", "23010", "999999", "23010x", "2301000", "２３０１００"):
        with pytest.raises(InvalidSite, match="行政区划"):
            rules.check_region(bad, SiteKind.CITY)


@pytest.mark.django_db
def test_identification_codes() -> None:
    harbin = Region.objects.get(pk="230100")
    for good in ("", "2301000001", "bm23010001"):
        assert rules.check_id_code(good, harbin) == good
    assert rules.check_id_code("2302000001", None) == "2302000001"
    for bad in ("230100001", "23010000012", "bm2301000", "BM23010001", "230100000x", "２３０１００００００１"):
        with pytest.raises(InvalidSite, match="10位数字"):
            rules.check_id_code(bad, harbin)
    with pytest.raises(InvalidSite, match=r"230100（哈尔滨市）"):
        rules.check_id_code("2302000001", harbin)


# ---- R13: domains (国办函〔2018〕55号)

GOOD = [
    *((kind, "www.harbin.gov.cn", "www.harbin.gov.cn") for kind in PORTALS),
    (SiteKind.PROVINCE, " WWW.HLJ.GOV.CN. ", "www.hlj.gov.cn"),
    (SiteKind.CITY, "哈尔滨市.政务", "xn--qvrs3omsbn35a.xn--zfr164b"),
    (SiteKind.DEPARTMENT, "jyt.hlj.gov.cn", "jyt.hlj.gov.cn"),
    (SiteKind.BODY, "www.hljswdx.cn", "www.hljswdx.cn"),
    (SiteKind.BODY, "dangxiao.org.cn", "dangxiao.org.cn"),
    (SiteKind.BODY, "党校.公益", "xn--n5q286c.xn--55qw42g"),
    (SiteKind.BODY, "gh.hlj.gov.cn", "gh.hlj.gov.cn"),
    (SiteKind.CONSOLE, "console.hlj.gov.cn", "console.hlj.gov.cn"),
]
BAD = [
    *((kind, "harbin.gov.cn") for kind in PORTALS),
    *((kind, "www.daoli.harbin.gov.cn") for kind in PORTALS),
    *((kind, "www.gov.cn") for kind in EVERY_KIND if kind not in (SiteKind.BODY, SiteKind.CONSOLE)),
    *((kind, "www.harbin.com") for kind in EVERY_KIND),
    *((kind, "www.harbin.cn") for kind in EVERY_KIND if kind != SiteKind.BODY),
    *((kind, "哈尔滨.公益") for kind in PORTALS),
    (SiteKind.DEPARTMENT, "www.hlj.gov.cn"),
    (SiteKind.DEPARTMENT, "jyt.gov.cn"),
    (SiteKind.DEPARTMENT, "a.jyt.hlj.gov.cn"),
    *((SiteKind.CITY, bad) for bad in ("", "gov.cn", ".gov.cn", "www..gov.cn", "www.a_b.gov.cn", "www.-a.gov.cn")),
    *((SiteKind.CITY, bad) for bad in ("http://www.harbin.gov.cn", "www.harbin.gov.cn/", "www.harbin.gov.cn:80")),
    *((SiteKind.CITY, bad) for bad in ("www.ha rbin.gov.cn", "www.harbin.gov.cn\x00", "www.harbin.gov.cn.evil.com")),
    *((SiteKind.CITY, bad) for bad in ("www." + "a" * 64 + ".gov.cn", "www." + "a." * 130 + "gov.cn", "10.0.0.1")),
    (SiteKind.CITY, "www.evilgov.cn"),
    (SiteKind.CITY, "用户@www.harbin.gov.cn"),
]


@pytest.mark.parametrize(("kind", "domain", "expected"), GOOD)
def test_good_domains(kind: SiteKind, domain: str, expected: str) -> None:
    with override_settings(ALLOW_LOCALHOST_DOMAINS=False):
        assert rules.check_domain(domain, kind, None) == expected


@pytest.mark.parametrize(("kind", "domain"), BAD)
def test_bad_domains(kind: SiteKind, domain: str) -> None:
    with override_settings(ALLOW_LOCALHOST_DOMAINS=False), pytest.raises(InvalidSite, match=r"域名|正式环境") as caught:
        rules.check_domain(domain, kind, None)
    assert caught.value.field == "domain"


@pytest.mark.django_db
def test_a_department_stands_under_its_parent() -> None:
    parent = Subsite(code="hlj", kind=SiteKind.PROVINCE)
    parent._primary_host = "www.hlj.gov.cn"
    assert rules.check_domain("jyt.hlj.gov.cn", SiteKind.DEPARTMENT, parent) == "jyt.hlj.gov.cn"
    for bad in (
        "jyt.harbin.gov.cn",
        "jyt.gov.cn",
        "hlj.gov.cn",
        "jyt.evilhlj.gov.cn",
        "a.jyt.hlj.gov.cn",
        "www.hlj.gov.cn",
    ):
        with pytest.raises(InvalidSite, match=r"hlj\.gov\.cn"):
            rules.check_domain(bad, SiteKind.DEPARTMENT, parent)


def test_localhost_is_for_development() -> None:
    with override_settings(ALLOW_LOCALHOST_DOMAINS=True):
        assert rules.check_domain("harbin.localhost", SiteKind.CITY, None) == "harbin.localhost"
        with pytest.raises(InvalidSite):
            rules.check_domain("localhost", SiteKind.CITY, None)
    with override_settings(ALLOW_LOCALHOST_DOMAINS=False), pytest.raises(InvalidSite, match="正式环境"):
        rules.check_domain("harbin.localhost", SiteKind.CITY, None)
