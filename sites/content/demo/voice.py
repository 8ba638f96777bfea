"""How one site speaks of itself: its place, its offices, its field of work.

Made from the Subsite row; `writing` fills the gaps of the texts with it.
"""

import random
import re
from dataclasses import dataclass

from cluster.subsites.models import SiteKind, Subsite
from sites.content.demo import sources

SUFFIX = re.compile(r"(人民政府|行政公署)$")
KIND_OF_PLACE = re.compile(r"(蒙古族自治县|自治县|地区|省|市|县)$")
PORTALS = {SiteKind.PROVINCE, SiteKind.CITY, SiteKind.COUNTY}
LOWER = {
    SiteKind.PROVINCE: "各市（地）人民政府（行署）",
    SiteKind.CITY: "各县（市、区）人民政府",
    SiteKind.COUNTY: "各乡（镇）人民政府、街道办事处",
}
CHIEFS = (("厅", "厅长"), ("局", "局长"), ("委员会", "主任"), ("办公室", "主任"), ("中心", "主任"), ("社", "主任"))
UNIONS = (("残疾人联合会", "理事长"), ("总工会", "主席"), ("妇女联合会", "主席"))
CITIES = ("哈尔滨市", "齐齐哈尔市", "牡丹江市", "佳木斯市", "大庆市", "鸡西市", "伊春市", "黑河市", "绥化市")


@dataclass(frozen=True)
class Voice:
    """Fixed words of a site, and the words from which its texts choose."""

    code: str
    kind: str
    words: dict[str, str]
    choices: dict[str, list[str]]


def voice_of(site: Subsite) -> Voice:
    """Work out the words of a site."""
    slots = sources.slots()
    choices = {**slots["any"], **slots.get(site.code, {}), "city": list(CITIES)}
    words = _portal_words(site.name, SiteKind(site.kind)) if site.kind in PORTALS else _office_words(site.name)
    if site.kind not in PORTALS:
        field = sources.fields().get(site.code, {})
        subjects = {
            "subject": field.get("subject", choices["topic"]),
            "service": field.get("service", choices["service"]),
        }
        choices = {**choices, **subjects, "topic": subjects["subject"], "who": field.get("who", choices["who"])}
        words["field"] = field.get("field", words["field"])
        words["mark"] = "黑" + words["field"][0]
        words["lower"] = f"各市（地）{words['field']}主管部门"
    words["person"] = random.Random(site.code).choice(choices["surname"]) + "某"  # noqa: S311 - made-up names
    return Voice(site.code, site.kind, words, choices)


def _portal_words(name: str, kind: SiteKind) -> dict[str, str]:
    place = SUFFIX.sub("", name)
    is_prefecture = place.endswith("地区")
    level = "地区" if is_prefecture else place[-1]
    office = name + ("办公厅" if kind == SiteKind.PROVINCE else "办公室")
    chief = "专员" if is_prefecture else level + "长"
    short = KIND_OF_PLACE.sub("", place)
    return {
        "place": place,
        "name": place + ("行署" if is_prefecture else "政府"),
        "short": short,
        "organ": name,
        "gov": name,
        "zf": "行署" if is_prefecture else level + "政府",
        "office": office,
        "all": "全" + ("区" if is_prefecture else level),
        "lower": LOWER[kind],
        "chief": chief,
        "vice": "副" + chief,
        "mark": short[0],
        "field": "政务",
    }


def _office_words(name: str) -> dict[str, str]:
    short = name.replace("黑龙江省人民政府", "省政府").replace("黑龙江省", "省")
    chief = next((title for ending, title in (*UNIONS, *CHIEFS) if name.endswith(ending)), "主任")
    return {
        "place": "黑龙江省",
        "name": short,
        "short": short,
        "organ": name,
        "gov": name,
        "zf": short,
        "office": name + "办公室",
        "all": "全省",
        "chief": chief,
        "vice": "副" + chief,
        "field": "业务",
    }
