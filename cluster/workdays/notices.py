"""Enter and withdraw holiday notices; the trigger on their table writes the ledger.

Called by the console's form. What was counted before stays as it was recorded; from the next question on, days are counted anew.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from cluster.audit.actor import tell_database
from cluster.context import in_public
from cluster.workdays.calendar import SATURDAY
from cluster.workdays.models import FIRST_YEAR, LAST_YEAR, HolidayNotice


class NoticeRefused(ValueError):
    """A notice that cannot be right; `field` names the form's field, the text says what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def check_days(year: int, whole_year: bool, days_off: Sequence[date], working: Sequence[date]) -> list[NoticeRefused]:
    """Return what is wrong in the days of a notice."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return [NoticeRefused("year", f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，写四位数字，例如 2027。")]
    errors = []
    both = sorted(set(days_off) & set(working))
    if both:
        errors.append(NoticeRefused("working_weekends", f"{_list(both)} 同时写在放假日里，请核对通知原文。"))
    # The three days of New Year may begin in December; make-up days may lie in the neighbouring years, too.
    first, last = date(year - 1, 12, 1), date(year + 1, 1, 31)
    for name, days in (("days_off", days_off), ("working_weekends", working)):
        strangers = [day for day in days if not first <= day <= last]
        if strangers:
            errors.append(NoticeRefused(name, f"{_list(strangers)} 不在 {year} 年前后，请检查年份。"))
    weekdays = [day for day in working if day.weekday() < SATURDAY]
    if weekdays:
        errors.append(
            NoticeRefused("working_weekends", f"{_list(weekdays)} 本来就是工作日；这里只填调休上班的周六、周日。")
        )
    if whole_year and not days_off:
        errors.append(NoticeRefused("days_off", "全年安排必须列出放假日，例如 2027-01-01 至 2027-01-03。"))
    if not days_off and not working:
        errors.append(NoticeRefused("days_off", "放假日和调休上班日至少填一项。"))
    return errors


def enter_notice(notice: HolidayNotice) -> HolidayNotice:
    """Save a new notice; raises NoticeRefused with a sentence."""
    errors = check_days(notice.year, notice.whole_year, notice.days_off, notice.working_weekends)
    if errors:
        raise errors[0]
    with in_public(), transaction.atomic():
        tell_database()
        standing = HolidayNotice.objects.select_for_update().filter(withdrawn_at=None)
        if standing.filter(number=notice.number).exists():
            raise NoticeRefused("number", f"{notice.number} 已经录入。要更正，请先撤销原来的一条，再重新录入。")
        same_year = standing.filter(year=notice.year, whole_year=True).first() if notice.whole_year else None
        if same_year:
            raise NoticeRefused(
                "year",
                f"{notice.year} 年的全年安排已由 {same_year.number} 录入。临时调整请取消“全年安排”；要更正请先撤销原来的一条。",
            )
        notice.days_off, notice.working_weekends = sorted(set(notice.days_off)), sorted(set(notice.working_weekends))
        notice.save(force_insert=True)
    return notice


def withdraw_notice(notice: HolidayNotice, *, reason: str) -> None:
    """Let a notice count no more from now on; it stays readable. Raises NoticeRefused without a reason."""
    if not reason.strip():
        raise NoticeRefused("reason", "请写明撤销原因，它会记入台账。")
    with in_public(), transaction.atomic():
        tell_database()
        HolidayNotice.objects.filter(pk=notice.pk, withdrawn_at=None).update(
            withdrawn_at=Now(), withdrawal_reason=reason.strip()
        )


def _list(days: Sequence[date]) -> str:
    return "、".join(day.isoformat() for day in days[:5]) + ("等" if len(days) > 5 else "")
