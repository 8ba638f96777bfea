"""Tell the office what the look at the structure found: on the console's dashboard, and by mail, each finding once.

Called by `guarding`. A finding that stands is noted once, however many nights it is found; one that was repaired and comes back
is another. Mail goes out at most once, as from the clock (cluster.inspection.mailing): what the mail server did not take is tried
again with the next look.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cluster.accounts.queries import mailboxes_of
from cluster.column_templates.foundations import Finding
from cluster.column_templates.models import StructureNotice
from cluster.context import in_public
from cluster.subsites.models import SiteKind, Subsite

logger = logging.getLogger(__name__)
# What was repaired stays on the dashboard for so long, and is mailed at all.
RECENT = timedelta(days=7)
OFFICE = "office"
SHOWN = 100


def note(found: Iterable[Finding]) -> None:
    """Note each new finding, and close the notices of what was repaired by now or is found no more."""
    now = timezone.now()
    by_key = {(finding.site, finding.text): finding for finding in found}
    with transaction.atomic():
        for notice in StructureNotice.objects.filter(resolved_at=None).select_for_update():
            finding = by_key.pop((notice.site_code, notice.sentence), None)
            if finding is None or finding.repaired:
                notice.repaired, notice.resolved_at = finding is not None, now
                notice.save(update_fields=["repaired", "resolved_at"])
        StructureNotice.objects.bulk_create(
            StructureNotice(
                site_code=site,
                sentence=text,
                repaired=finding.repaired,
                found_at=now,
                resolved_at=now if finding.repaired else None,
            )
            for (site, text), finding in by_key.items()
        )


def recent_notices() -> QuerySet[StructureNotice]:
    """Return what stands and what was found of late, what stands first."""
    asked = Q(resolved_at=None) | Q(found_at__gte=timezone.now() - RECENT)
    return StructureNotice.objects.filter(asked).order_by("repaired", "-found_at", "pk")


def tell_office() -> None:
    """Mail what was not mailed yet to the office's accounts; without any, to the console's mailbox; else the dashboard alone tells."""
    addresses = _addresses()
    if not addresses:
        return
    with in_public():
        with transaction.atomic():
            waiting = recent_notices().filter(mailed_at=None).select_for_update(skip_locked=True)
            notices = {notice.pk: notice for notice in waiting}
            StructureNotice.objects.filter(pk__in=notices).update(mailed_at=timezone.now())
        if not notices:
            return
        try:
            EmailMessage(
                f"【栏目结构检查】发现 {len(notices)} 处", _letter(list(notices.values())), None, addresses
            ).send()
        except Exception:  # whatever the mail server does must not stop the check
            logger.warning("栏目结构检查的通知没有发出", exc_info=True)
            StructureNotice.objects.filter(pk__in=notices).update(mailed_at=None)


def _addresses() -> list[str]:
    found = []
    for console in Subsite.objects.filter(kind=SiteKind.CONSOLE):
        found += mailboxes_of(console, OFFICE) or [console.email]
    return [address for address in dict.fromkeys(found) if address]


def _letter(notices: list[StructureNotice]) -> str:
    left = sum(not notice.repaired for notice in notices)
    ending = f"其中 {left} 处没有自动修复，请处理后运行 check_columns --repair。" if left else "已全部自动修复。"
    more = [f"……共 {len(notices)} 处，其余见控制台台账。"] if len(notices) > SHOWN else []
    return "\n".join(
        [
            "栏目结构检查发现统一栏目或其保护被改动，多半是直接改了数据库，请查明是谁、为什么：",
            "",
            *(f"{number}. {notice}" for number, notice in enumerate(notices[:SHOWN], 1)),
            *more,
            "",
            f"{ending}详情见控制台的台账（事项“栏目结构检查”）。此邮件由系统发出，请勿回复。",
        ]
    )
