"""Tell the officers of columns in alarm: in their admin and by mail, once an episode; and the supervisor of what is ignored.

Opened and closed by the clock together with the states. An episode is a state after a last publication: the unique constraint
keeps a second worker, or a second night, from opening it again. Mail goes out at most once: a notice is marked in a committed
transaction before its mail is handed over, and set back only when the handing over is known to have failed.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cluster.inspection.evaluation import Evaluation
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.models import ALARMS, Clock, ColumnState, DutyNotice
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
BATCH = 500
MAIL_SECONDS = 30


def open_and_close(found: Evaluation) -> None:
    """Open a notice for each new alarm of the evaluated sites, and close those whose alarm is over."""
    contacts = _contacts(found)
    alarms = [
        _notice(verdict, *contacts[site.pk])
        for site in found.sites
        for verdict in found.columns[site.pk]
        if verdict.state in ALARMS and not verdict.waived
    ]
    DutyNotice.objects.bulk_create(alarms, ignore_conflicts=True, batch_size=1000)
    standing = {(one.site_id, one.column_code, one.state, one.episode) for one in alarms}
    opened = DutyNotice.objects.filter(site_id__in=contacts, resolved_at=None)
    over = [
        pk
        for pk, *key in opened.values_list("pk", "site_id", "column_code", "state", "episode")
        if tuple(key) not in standing
    ]
    DutyNotice.objects.filter(pk__in=over).update(resolved_at=timezone.now())
    # An alarm that comes back within the same episode (a waiver ran out) stands again, and is not told twice.
    again = [
        one.pk
        for one in DutyNotice.objects.filter(site_id__in=contacts).exclude(resolved_at=None)
        if _key(one) in standing
    ]
    DutyNotice.objects.filter(pk__in=again).update(resolved_at=None)


def _key(notice: DutyNotice) -> tuple[int, str, str, str]:
    return notice.site_id, notice.column_code, notice.state, notice.episode


def _contacts(found: Evaluation) -> dict[int, tuple[str, str]]:
    """Return site → (its mailbox, that of the site above): where a notice goes when nobody is named for the column."""
    rows = Subsite.objects.filter(pk__in=[site.pk for site in found.sites]).values_list("pk", "email", "parent__email")
    return {pk: (email, above or "") for pk, email, above in rows}


def _notice(verdict: ColumnVerdict, site_email: str, above_email: str) -> DutyNotice:
    duty = verdict.duty
    return DutyNotice(
        site_id=verdict.site.pk,
        column_code=verdict.law.code,
        name=verdict.law.name,
        state=verdict.state,
        episode=verdict.last_on.isoformat() if verdict.last_on else "never",
        sentence=verdict.sentence,
        officer=duty.officer if duty else None,
        officer_name=duty.officer_name if duty else "",
        officer_email=(duty.officer_email if duty else "") or site_email,
        supervisor_email=(duty.reviewer_email if duty else "") or above_email,
    )


def open_notices() -> QuerySet[DutyNotice]:
    """Return the notices whose alarm stands, the gravest first."""
    return DutyNotice.objects.filter(resolved_at=None).select_related("site").order_by("state", "created_at")


def send_due() -> bool:
    """Send what waits: first notices to officers, reports of ignored ones to supervisors; return whether there was any."""
    now = timezone.now()
    first = Q(mailed_at=None) & ~Q(officer_email="")
    ignored = Q(
        escalated_at=None,
        state__in=(Clock.LATE, Clock.BLANK),
        created_at__lt=now - timedelta(days=settings.INSPECTION_ESCALATION_DAYS),
    ) & ~Q(supervisor_email="")
    sent = _send(first, "mailed_at", lambda one: one.officer_email, "栏目更新提醒", "以下栏目由您负责，请及时处理：")
    days = settings.INSPECTION_ESCALATION_DAYS
    reported = _send(
        ignored,
        "escalated_at",
        lambda one: one.supervisor_email,
        "栏目提醒逾期未处理",
        f"以下栏目提醒责任人已满{days}天，仍未处理，请督办：",
    )
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
        letters[address(one)].append(one)
    for to, ones in letters.items():
        try:
            send_mail(f"【{subject}】{len(ones)}个栏目", _letter(opening, ones), None, [to])
        except Exception as error:  # whatever the mail server does must not stop the clock
            logger.warning("栏目提醒没有发出：%s", error)
            DutyNotice.objects.filter(pk__in=[one.pk for one in ones]).update(**{mark: None}, error=repr(error)[:500])
    return bool(claimed)


def retry_failed() -> int:
    """Have the letters that failed sent again, once a night; return how many."""
    return DutyNotice.objects.filter(resolved_at=None).exclude(error="").update(error="")


def _letter(opening: str, ones: Iterable[DutyNotice]) -> str:
    lines = [
        f"{number}. {one.site.name}　{one.name}：{one.get_state_display()}。{one.sentence}"
        for number, one in enumerate(ones, 1)
    ]
    return "\n".join(
        [opening, "", *lines, "", "登录本站管理后台，可在首页“栏目时限”中查看。此邮件由系统发出，请勿回复。"]
    )


def forecast(states: QuerySet[ColumnState]) -> QuerySet[ColumnState]:
    """Keep the columns that are in time now and will be late within the days of the forecast."""
    until = timezone.localdate() + timedelta(days=settings.INSPECTION_FORECAST_DAYS)
    return states.filter(state__in=(Clock.NORMAL, Clock.SOON), due_on__lt=until, waived=False)
