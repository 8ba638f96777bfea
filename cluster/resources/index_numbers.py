"""Draw and claim index numbers (索引号): one for each document, unique in the cluster, never given to another one.

Called by document pages when they go live. The numbers stand in the public table IndexNumber; forms:

    <单位代码>/<年份>-<五位序号>     2301840001/2026-00001

A generated number begins with the site's identification code (标识码) and counts from 00001 in each year of first
publication. A number that a document brings along may also begin with an organisation code (9 signs) or a unified social
credit code (18 signs, its check sign right), and may name the month: 11441700007280420Y/202105-00050.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from cluster.resources.models import IndexNumber
from cluster.subsites.models import Subsite

FORM = re.compile(
    r"^(?P<prefix>\d{10}|bm\d{8}|[0-9A-Z]{8}[0-9X]|[0-9A-HJ-NPQRTUWXY]{18})"
    r"/(?P<year>(?:19|20)\d{2})(?:0[1-9]|1[0-2])?-(?P<serial>\d{5})\Z"
)
SAMPLE = "2301840001/2026-00001"
LAST_SERIAL = 99_999
CREDIT_CODE_LENGTH = 18
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
# People copy numbers out of papers: full-width slashes and dashes are meant as these.
_LOOKALIKES = str.maketrans({"／": "/", "－": "-", "—": "-", "–": "-", " ": "", "\u3000": ""})


class IndexNumberRefused(ValueError):
    """An index number cannot be had; str() says why and what to do."""


@dataclass(frozen=True, slots=True)
class Document:
    """Who wants a number: the page's translation key, its title, and its site."""

    key: uuid.UUID
    title: str
    site: Subsite


def normal_number(text: str) -> str:
    """Return the number as it is stored: plain slash and dash, no blanks."""
    text = text.translate(_LOOKALIKES)
    return text if text.startswith("bm") else text.upper()


def is_well_formed(number: str) -> bool:
    """Whether a number has one of the forms, and a credit code in it its right check sign."""
    found = FORM.match(number)
    if found is None:
        return False
    prefix = found["prefix"]
    return len(prefix) != CREDIT_CODE_LENGTH or _check_sign(prefix[:-1]) == prefix[-1]


def _check_sign(code: str) -> str:
    total = sum(_CREDIT_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code))
    return _CREDIT_SIGNS[(31 - total % 31) % 31]


def owners_of(numbers: "set[str] | list[str]") -> dict[str, uuid.UUID]:
    """Return number → document for those of the numbers that somebody has."""
    return dict(IndexNumber.objects.filter(number__in=list(numbers)).values_list("number", "document"))


def refusal_of(document: Document, number: str) -> str:
    """Return why the document cannot have this number, in words for its editor; empty where it can."""
    found = FORM.match(number)
    if found is None or not is_well_formed(number):
        return f"索引号“{number}”不合格式。请写成“{SAMPLE}”的样子：单位代码、斜线、年份、连字符、五位序号；留空则发布时自动生成。"
    owner = owners_of({number}).get(number)
    if owner is not None and owner != document.key:
        return f"索引号“{number}”已经给了另一份文件。索引号全省唯一，用过不再用：请核对，或者留空由系统生成。"
    if owner is None and Subsite.objects.filter(id_code=found["prefix"]).exclude(pk=document.site.pk).exists():
        return f"索引号“{number}”以另一个网站的标识码开头，只能由那个网站取用。请核对，或者留空由系统生成。"
    return ""


def settle(document: Document, wanted: str, day: date) -> str:
    """Return the number under which the document is published: the wanted one, the one it had, or a new one.

    Runs in a transaction and is undone with it. Raises IndexNumberRefused.
    """
    with transaction.atomic():
        if wanted:
            claim(document, wanted)
            return wanted
        had = IndexNumber.objects.filter(document=document.key).order_by("-given_at", "-number").first()
        return had.number if had else draw(document, day)


def claim(document: Document, number: str) -> None:
    """Give the document a number it brings along. Raises IndexNumberRefused where another one has it."""
    reason = refusal_of(document, number)
    if reason:
        raise IndexNumberRefused(reason)
    # Two that claim at once: the second waits here for the first to commit, and then sees whose it is.
    IndexNumber.objects.bulk_create([_row(document, number, is_generated=False)], ignore_conflicts=True)
    if owners_of({number})[number] != document.key:
        raise IndexNumberRefused(refusal_of(document, number))


def draw(document: Document, day: date) -> str:
    """Give the document the next number of its site and year. Raises IndexNumberRefused."""
    prefix = document.site.id_code
    if not prefix:
        raise IndexNumberRefused(
            "本网站还没有登记网站标识码，不能生成索引号。请网站群管理处在控制台登记标识码后再发布，或者填写文件已有的索引号。"
        )
    with connection.cursor() as cursor:
        # One after the other for a site and year, until the commit: no gap, no number twice.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 29))", [f"index number {prefix}/{day.year}"])
        cursor.execute(
            """SELECT coalesce(max(serial), 0) FROM public.resources_indexnumber
               WHERE prefix = %s AND year = %s AND is_generated""",
            [prefix, day.year],
        )
        last = cursor.fetchone()[0]
    for serial in range(last + 1, LAST_SERIAL + 1):
        number = f"{prefix}/{day.year}-{serial:05d}"
        # Somebody may have brought along a number that was ahead of the count; it is passed over.
        IndexNumber.objects.bulk_create([_row(document, number, is_generated=True)], ignore_conflicts=True)
        if owners_of({number})[number] == document.key:
            return number
    raise IndexNumberRefused(f"{day.year}年的索引号已经用完（五位序号）。请联系网站群管理处。")


def taken_by_others(wanted: Mapping[uuid.UUID, str]) -> set[uuid.UUID]:
    """Return which of these documents name a number that is another one's; one query for all, for the publish gate."""
    owners = owners_of({number for number in wanted.values() if number})
    return {key for key, number in wanted.items() if number and owners.get(number, key) != key}


def _row(document: Document, number: str, *, is_generated: bool) -> IndexNumber:
    found = FORM.match(number)
    assert found is not None  # noqa: S101 - checked by the callers
    return IndexNumber(
        number=number,
        document=document.key,
        site_code=document.site.code,
        title=document.title,
        prefix=found["prefix"],
        year=int(found["year"]),
        serial=int(found["serial"]),
        is_generated=is_generated,
    )
