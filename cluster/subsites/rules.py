"""Check what is said of a new site: code, name, kind, region, domain (R13), identification code.

Called by services.open_site, the CSV reader and the console's form; raises InvalidSite with a sentence and a cure.
"""

import re
import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from cluster.subsites.errors import InvalidSite
from cluster.subsites.models import Region, SiteKind, Subsite

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
ID_CODE = re.compile(r"\d{10}|bm\d{8}")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
RESERVED_CODES = {"www", "public", "admin", "static", "media", "api", "base", "localhost"}
# .政务 and .公益 in the form that DNS carries.
GOVERNMENT_SUFFIXES = (".gov.cn", ".xn--zfr164b")
INSTITUTION_SUFFIXES = (*GOVERNMENT_SUFFIXES, ".cn", ".xn--55qw42g")
CONSOLE_CODE = "console"
# Control signs, and signs that show nothing but turn the order of reading (bidirectional marks).
UNSEEN = {"Cc", "Cf", "Cs"}
PORTAL_KINDS = {SiteKind.PROVINCE, SiteKind.CITY, SiteKind.COUNTY}


def check_code(code: str) -> str:
    """Return the code, or raise InvalidSite."""
    if not CODE.fullmatch(code) or code.endswith("-"):
        raise InvalidSite(
            "code", f"站点代码“{code}”不合规：请用小写英文字母开头，只含小写字母、数字和连字符，最多40个字符。"
        )
    if code in RESERVED_CODES:
        raise InvalidSite("code", f"站点代码“{code}”是系统保留字，请换一个。")
    return code


def _is_plain(text: str, length: int) -> bool:
    return len(text) <= length and not any(unicodedata.category(sign) in UNSEEN for sign in text)


def check_name(name: str) -> str:
    """Return the name without blanks around it, or raise InvalidSite."""
    name = name.strip()
    if not name or not _is_plain(name, 120):
        raise InvalidSite("name", "网站名称不能为空、不能超过120个字，也不能含控制字符，请填写实体机构名称或规范名称。")
    return name


def check_organizer(organizer: str) -> str:
    """Return the organizer without blanks around it, or raise InvalidSite."""
    organizer = organizer.strip()
    if not _is_plain(organizer, 120):
        raise InvalidSite("organizer", "主办单位不能超过120个字，也不能含控制字符，请填写单位全称。")
    return organizer


def check_successor(name: str, url: str) -> tuple[str, str]:
    """Return name and address of the site that takes a closed one's place; both may be empty. Raises InvalidSite."""
    name, url = name.strip(), url.strip()
    if not _is_plain(name, 120):
        raise InvalidSite("successor_name", "整合后的网站名称不能超过120个字，也不能含控制字符。")
    try:
        if url:
            URLValidator(schemes=["http", "https"])(url)
    except ValidationError as error:
        raise InvalidSite("successor_url", "整合后的网站地址应为完整网址，例如 https://www.hlj.gov.cn/。") from error
    if len(url) > 200:
        raise InvalidSite("successor_url", "整合后的网站地址不能超过200个字符。")
    return name, url


def check_kind(kind: str, code: str = "") -> SiteKind:
    """Return the kind, or raise InvalidSite; the console's code is for the console alone."""
    if kind not in SiteKind.values:
        raise InvalidSite("kind", f"站点类别“{kind}”不存在，可选：{'、'.join(SiteKind.values)}。")
    if code == CONSOLE_CODE and kind != SiteKind.CONSOLE:
        raise InvalidSite("code", f"站点代码“{CONSOLE_CODE}”只用于管理控制台，请换一个。")
    return SiteKind(kind)


def check_region(code: str, kind: SiteKind) -> Region | None:
    """Return the region; the console alone may have none."""
    if not code and kind == SiteKind.CONSOLE:
        return None
    region = Region.objects.filter(pk=code).first() if code else None
    if region is None:
        raise InvalidSite("region", f"行政区划代码“{code}”不存在，请核对6位国标代码，例如 230100（哈尔滨市）。")
    return region


def check_id_code(id_code: str, region: Region | None) -> str:
    """Return the site identification code; digits must begin with the division's code."""
    if not id_code:
        return ""
    if not ID_CODE.fullmatch(id_code):
        raise InvalidSite("id_code", f"网站标识码“{id_code}”不合规：应为10位数字，或 bm 加8位数字。")
    if id_code[:2] != "bm" and region is not None and id_code[:6] != region.code:
        raise InvalidSite(
            "id_code", f"网站标识码“{id_code}”的前6位应与行政区划代码 {region.code}（{region.name}）一致，请核对。"
        )
    return id_code


def normal_domain(domain: str) -> str:
    """Return the domain in lower case and in its DNS form (Chinese labels become xn--…)."""
    domain = domain.strip().lower().rstrip(".")
    try:
        return domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError as error:
        raise InvalidSite("domain", f"域名“{domain}”无法识别，请核对。") from error


def check_domain(domain: str, kind: SiteKind, parent: Subsite | None) -> str:
    """Return the domain in its DNS form if R13 allows it for this kind of site, else raise InvalidSite."""
    shown, domain = domain.strip(), normal_domain(domain)
    labels = domain.split(".")
    if len(domain) > 253 or len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        raise InvalidSite("domain", f"域名“{shown}”不合规：不带 http:// 和端口，只含字母、数字、连字符和点。")
    if labels[-1] == "localhost":
        if settings.ALLOW_LOCALHOST_DOMAINS:
            return domain
        raise InvalidSite("domain", f"正式环境不能使用“{shown}”，请填写已批准的 .gov.cn 或 .政务 域名。")
    allowed = INSTITUTION_SUFFIXES if kind == SiteKind.BODY else GOVERNMENT_SUFFIXES
    if not domain.endswith(allowed):
        names = ".gov.cn、.政务" + ("、.cn、.公益" if kind == SiteKind.BODY else "")
        raise InvalidSite("domain", f"域名“{shown}”不合规：应以 {names} 结尾（国办函〔2018〕55号）。")
    if domain.endswith(".gov.cn"):
        _check_government_domain(shown, labels, kind, parent)
    return domain


def _check_government_domain(shown: str, labels: list[str], kind: SiteKind, parent: Subsite | None) -> None:
    own = labels[:-2]
    if kind in PORTAL_KINDS and (own[:1] != ["www"] or len(own) != 2):
        raise InvalidSite("domain", f"门户网站域名“{shown}”不合规：应为 www.□□□.gov.cn 的形式。")
    if kind != SiteKind.DEPARTMENT:
        return
    above = parent.primary_host.removeprefix("www.") if parent else ""
    if above.endswith(".gov.cn"):
        if ".".join(labels[1:]) != above or own[0] == "www":
            raise InvalidSite("domain", f"部门网站域名“{shown}”不合规：应为 ○○○.{above} 的形式。")
    elif len(own) != 2 or own[0] == "www":
        raise InvalidSite("domain", f"部门网站域名“{shown}”不合规：应为 ○○○.□□□.gov.cn 的形式。")
