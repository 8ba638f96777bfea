"""Mail what notices have to say: to the officer at once, to the supervisor what was ignored; one letter for each mailbox.

Called by the clock after each look. Mail goes out at most once: a notice is marked in a committed transaction before its mail is
handed over, and set back only when the handing over is known to have failed; that is tried again the next night.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cluster.inspection.models import Clock, DutyNotice

logger = logging.getLogger(__name__)
BATCH = 500
# Letters in a row that the mail server did not take: the others wait for the next night.
GIVE_UP_AFTER = 3
# Nobody reports a column that is nearly due.
IGNORABLE = (Clock.LATE, Clock.BLANK)


def send_due() -> bool:
    """Send what waits: reports of ignored notices to supervisors, first notices to officers; return whether there was any."""
    days = settings.INSPECTION_ESCALATION_DAYS
    named = ~Q(supervisor_email="") | Q(supervisor__isnull=False)
    ignored = named & Q(escalated_at=None, state__in=IGNORABLE, created_at__lt=timezone.now() - timedelta(days=days))
    # Supervisors first: an officer's mailbox that refuses letters must not keep them from hearing of it.
    reported = _send(
        ignored,
        "escalated_at",
        lambda one: one.supervisor_email,
        "栏目提醒逾期未处理",
        f"以下栏目提醒责任人已满{days}天，仍未处理，请督办：",
    )
    first = Q(mailed_at=None) & ~Q(officer_email="")
    sent = _send(first, "mailed_at", lambda one: one.officer_email, "栏目更新提醒", "以下栏目由您负责，请及时处理：")
    return sent or reported


def _send(due: Q, mark: str, address: Callable[[DutyNotice], str], subject: str, opening: str) -> bool:
    """Mark the due notices as told, then mail one letter to each address; what failed is set back with its error."""
    with transaction.atomic():
        claimed = list(
            DutyNotice.objects.filter(due, resolved_at=None, error="")
            .select_related("site")
            .order_by("id")
            .select_for_update(of=("self",), skip_locked=True)[:BATCH]
        )
        DutyNotice.objects.filter(pk__in=[one.pk for one in claimed]).update(**{mark: timezone.now()})
    letters: dict[str, list[DutyNotice]] = defaultdict(list)
    for one in claimed:
        if address(one):  # a supervisor without a mailbox sees it in his admin
            letters[address(one)].append(one)
    _hand_over(letters, mark, subject, opening)
    return bool(claimed)


def _hand_over(letters: Mapping[str, list[DutyNotice]], mark: str, subject: str, opening: str) -> None:
    """Give the letters to the mail server, over one connection while it holds; a dead one is not waited for with every letter."""
    connection = get_connection(timeout=settings.INSPECTION_MAIL_SECONDS)
    failures = 0
    for to, ones in letters.items():
        if failures >= GIVE_UP_AFTER:
            _set_back(ones, mark, "邮件服务器不通，没有再试")
            continue
        title = f"【{subject}】{len(ones)}个栏目"
        try:
            connection.open()
            EmailMessage(title, _letter(opening, ones), None, [to], connection=connection).send()
            failures = 0
        except Exception as error:  # whatever the mail server does must not stop the clock
            failures += 1
            _set_back(ones, mark, repr(error))
            _close(connection)
    _close(connection)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except Exception:
        logger.warning("邮件服务器没有正常断开", exc_info=True)


def _set_back(ones: Iterable[DutyNotice], mark: str, error: str) -> None:
    logger.warning("栏目提醒没有发出：%s", error)
    DutyNotice.objects.filter(pk__in=[one.pk for one in ones]).update(**{mark: None}, error=error[:500])


def retry_failed() -> int:
    """Have the letters that failed sent again, once a night; return how many."""
    return DutyNotice.objects.filter(resolved_at=None).exclude(error="").update(error="")


def _letter(opening: str, ones: Iterable[DutyNotice]) -> str:
    lines: list[str] = []
    for number, one in enumerate(ones, 1):
        lines.append(f"{number}. {one.site.name}　{one.name}：{one.get_state_display()}。{one.sentence}")
        lines.append(
            f"   责任人：{one.officer_name or '未指定'}　监督人：{one.supervisor_name or '未指定'}　办理：{one.site.root_url}/admin/"
        )
    return "\n".join([opening, "", *lines, "", "登录管理后台，可在首页“栏目时限”中查看。此邮件由系统发出，请勿回复。"])
