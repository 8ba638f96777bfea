"""The record of a site: who runs it, how to reach them, its filing numbers. What the footer must say (standards 1.2).

Called by the console's form; the row triggers write the change into the ledger and mark the site in the feed.
"""

import re
from typing import Any

from django.db import IntegrityError, transaction

from cluster.audit.actor import tell_database
from cluster.context import in_public
from cluster.subsites import rules
from cluster.subsites.errors import InvalidSite
from cluster.subsites.models import Subsite

RECORD_FIELDS = (
    "short_name",
    "organizer",
    "undertaker",
    "phone",
    "email",
    "address",
    "postcode",
    "id_code",
    "icp",
    "police_record",
    "mark_kind",
    "mark_url",
    "jiucuo_enabled",
    "keywords",
    "description",
)
TAKEN = "网站标识码“{}”已被其他站点使用，请核对。"
# field → (form, sentence); an empty field is always allowed, since a new site has no numbers yet.
FORMS = {
    "postcode": (re.compile(r"\d{6}"), "邮政编码应为6位数字，例如 150001。"),
    "phone": (
        re.compile(r"[0-9+()（）\-—、，,；; 转]{5,40}"),
        "联系电话只能含数字、区号、连字符和分机，例如 0451-82620000。",
    ),
    "icp": (
        re.compile(r"[\u4e00-\u9fff]ICP备\d{6,10}号(-\d+)?"),
        "ICP备案号应形如 黑ICP备05001234号 或 黑ICP备05001234号-1。",
    ),
    "police_record": (
        re.compile(r"[\u4e00-\u9fff]公网安备\s?\d{14}号"),
        "公安备案号应形如 黑公网安备23010202010001号。",
    ),
    # Anywhere else the official mark would vouch for a stranger.
    "mark_url": (
        re.compile(r"https?://bszs\.conac\.cn/sitename\?[^\s\\#]+"),
        "网站标识链接应为编制部门发放的地址，形如 https://bszs.conac.cn/sitename?method=show&id=…。",
    ),
}
# What the foot of every page must say (standards 1.2); a site may be opened before it has all of it.
REQUIRED_FIELDS = ("organizer", "undertaker", "phone", "id_code", "icp", "police_record", "mark_url")


def check_record(site: Subsite, fields: dict[str, Any]) -> list[InvalidSite]:
    """Return what is wrong in the fields, each with the name of its field."""
    errors = []
    for name, (form, sentence) in FORMS.items():
        if fields.get(name) and not form.fullmatch(fields[name]):
            errors.append(InvalidSite(name, sentence))
    id_code = fields.get("id_code", "")
    try:
        rules.check_id_code(id_code, site.region)
    except InvalidSite as error:
        errors.append(error)
    if id_code and Subsite.objects.filter(id_code=id_code).exclude(pk=site.pk).exists():
        errors.append(InvalidSite("id_code", TAKEN.format(id_code)))
    return errors


def missing_facts(site: Subsite) -> list[str]:
    """Return the names of what the foot of this site's pages still lacks."""
    return [str(Subsite._meta.get_field(name).verbose_name) for name in REQUIRED_FIELDS if not getattr(site, name)]


def describe_site(site: Subsite, fields: dict[str, Any]) -> None:
    """Write the fields of the record that differ, and no other column; raises InvalidSite."""
    errors = check_record(site, fields)
    if errors:
        raise errors[0]
    with in_public(), transaction.atomic():
        tell_database()
        row = Subsite.objects.select_for_update(of=("self",)).get(pk=site.pk)
        changed = {
            name: fields[name] for name in RECORD_FIELDS if name in fields and getattr(row, name) != fields[name]
        }
        if not changed:
            return
        try:
            Subsite.objects.filter(pk=row.pk).update(**changed)
        except IntegrityError as error:  # another site took the number in the same moment
            raise InvalidSite("id_code", TAKEN.format(fields.get("id_code"))) from error
