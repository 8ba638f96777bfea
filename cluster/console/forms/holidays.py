"""HolidayNoticeForm: the State Council's yearly notice as data; WithdrawNoticeForm: the reason why one counts no more.

Used by views.holidays; cluster.workdays.notices checks and saves.
"""

import re
from datetime import date, timedelta
from typing import Any

from django import forms

from cluster.workdays.models import HolidayNotice
from cluster.workdays.notices import check_days

_DAY = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_PIECE = re.compile(rf"{_DAY}(?:\s*(?:至|到|~|—)\s*{_DAY})?")
LONGEST = 31


class DaysField(forms.CharField):
    """Days, singly or as 2027-01-01 至 2027-01-03, parted by lines or commas; the value is a list of dates."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> list[date]:
        """Read every piece; name the first that is none."""
        days: list[date] = []
        for piece in re.split(r"[\n,，、;；]+", super().clean(value)):
            if piece.strip():
                days += self._read(piece.strip())
        return sorted(set(days))

    @staticmethod
    def _read(piece: str) -> list[date]:
        found = _PIECE.fullmatch(piece)
        try:
            if not found:
                raise ValueError(piece)
            numbers = [int(number) for number in found.groups() if number]
            first, last = date(*numbers[:3]), date(*numbers[-3:])
        except ValueError as error:
            raise forms.ValidationError(
                f"“{piece[:40]}”不是日期。请写成 2027-01-01，或 2027-01-01 至 2027-01-03，每行一个。"
            ) from error
        if not 0 <= (last - first).days < LONGEST:
            raise forms.ValidationError(f"“{piece}”的起止日期不对：止日应在起日之后，且不超过{LONGEST}天。")
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]


class HolidayNoticeForm(forms.ModelForm):
    """What the notice says."""

    days_off = DaysField(
        label="放假日", required=False, help_text="每行一个日期或一段，例如 2027-01-01 至 2027-01-03；周末可一并写入。"
    )
    working_weekends = DaysField(
        label="调休上班日", required=False, help_text="改为上班的周六、周日，每行一个，例如 2027-01-09。"
    )

    class Meta:
        model = HolidayNotice
        fields = ("number", "title", "issued_on", "year", "whole_year", "days_off", "working_weekends", "text")
        help_texts = {
            "number": "例如 国办发明电〔2026〕9号。",
            "year": "通知安排的年份，例如 2027。",
            "whole_year": "通知安排了这一年的全部节假日。临时调整个别日子的通知，不要勾选。",
            "text": "粘贴通知全文，作为依据留存。",
        }
        widgets = {"issued_on": forms.DateInput(attrs={"type": "date"})}

    def clean(self) -> dict[str, Any]:
        """Tell what is wrong in the days at their fields."""
        typed = super().clean() or self.cleaned_data
        if {"year", "days_off", "working_weekends"} <= typed.keys():
            for error in check_days(typed["year"], typed["whole_year"], typed["days_off"], typed["working_weekends"]):
                self.add_error(error.field, str(error))
        return typed


class WithdrawNoticeForm(forms.Form):
    """Why the notice counts no more."""

    reason = forms.CharField(
        label="撤销原因", max_length=300, help_text="记入台账。撤销后，未到期的期限随即按其余通知重新计算。"
    )
