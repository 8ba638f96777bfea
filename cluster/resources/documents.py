"""The words of official documents: theme classes, ways of disclosure, validity and how it follows from dates and links.

Used by the document pages of sites, by the registry's rows and by inspection (standards part 3). Pure; asks no database.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models


class Theme(models.TextChoices):
    """The 22 classes of the catalogue by theme (主题分类); the codes are ours, the norm has none."""

    STATE_COUNCIL = "01", "国务院组织机构"
    GENERAL = "02", "综合政务"
    ECONOMY = "03", "国民经济管理、国有资产监管"
    FINANCE = "04", "财政、金融、审计"
    LAND = "05", "国土资源、能源"
    FARMING = "06", "农业、林业、水利"
    INDUSTRY = "07", "工业、交通"
    TRADE = "08", "商贸、海关、旅游"
    MARKET = "09", "市场监管、安全生产监管"
    BUILDING = "10", "城乡建设、环境保护"
    EDUCATION = "11", "科技、教育"
    CULTURE = "12", "文化、广电、新闻出版"
    HEALTH = "13", "卫生、体育"
    FAMILY = "14", "人口与计划生育、妇女儿童工作"
    LABOUR = "15", "劳动、人事、监察"
    SECURITY = "16", "公安、安全、司法"
    WELFARE = "17", "民政、扶贫、救灾"
    PEOPLES = "18", "民族、宗教"
    FOREIGN = "19", "对外事务"
    OVERSEAS = "20", "港澳台侨工作"
    DEFENCE = "21", "国防"
    OTHER = "22", "其他"


class Disclosure(models.TextChoices):
    """In which way a document is made public (公开方式)."""

    ACTIVE = "active", "主动公开"
    ON_REQUEST = "on_request", "依申请公开"


class Validity(models.TextChoices):
    """Whether a document is in force (有效性)."""

    VALID = "valid", "有效"
    AMENDED = "amended", "已修改"
    EXPIRED = "expired", "失效"
    REPEALED = "repealed", "废止"
    PENDING = "pending", "尚未生效"


# In force, wholly or in part, or about to be: what a search for current texts wants to find.
STANDING = frozenset({Validity.VALID, Validity.AMENDED, Validity.PENDING})


@dataclass(frozen=True, slots=True)
class ValidityFacts:
    """What decides on the validity of a document: the editor's own word, its dates, and since when others touch it."""

    stated: str = ""
    effective_on: date | None = None
    expires_on: date | None = None
    repealed_on: date | None = None
    amended_on: date | None = None


def validity_on(day: date, facts: ValidityFacts) -> Validity:
    """Return the validity on a day. The last day of validity still counts; the day of a repeal does not."""
    if facts.stated in (Validity.REPEALED, Validity.EXPIRED):
        return Validity(facts.stated)
    if facts.repealed_on and facts.repealed_on <= day:
        return Validity.REPEALED
    if facts.expires_on and facts.expires_on < day:
        return Validity.EXPIRED
    if facts.effective_on and facts.effective_on > day:
        return Validity.PENDING
    if facts.stated == Validity.AMENDED or (facts.amended_on and facts.amended_on <= day):
        return Validity.AMENDED
    return Validity.VALID


def validity_changes_on(day: date, facts: ValidityFacts) -> date | None:
    """Return the next day on which the answer may be another, so that somebody looks again then."""
    after = facts.expires_on + timedelta(days=1) if facts.expires_on and facts.expires_on < date.max else None
    turns = (facts.effective_on, after, facts.repealed_on, facts.amended_on)
    return min((turn for turn in turns if turn and turn > day), default=None)
