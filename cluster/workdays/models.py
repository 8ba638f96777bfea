"""HolidayNotice: what the State Council's yearly notice says, entered by the office as data.

Written by cluster.workdays.notices; read by `asking`. A notice is never altered, only withdrawn, so that days of the past can be
counted as they were counted then; a trigger holds that for every role and writes the ledger.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

FIRST_YEAR, LAST_YEAR = 2004, 2100


class HolidayNotice(models.Model):
    """One notice: its number and words, the days off, the weekends that are worked instead."""

    number = models.CharField("文号", max_length=60)
    title = models.CharField("标题", max_length=200)
    text = models.TextField("通知原文")
    issued_on = models.DateField("印发日期")
    year = models.PositiveSmallIntegerField("年份")
    whole_year = models.BooleanField("全年安排", default=True)
    days_off = ArrayField(models.DateField(), verbose_name="放假日", default=list)
    working_weekends = ArrayField(models.DateField(), verbose_name="调休上班日", default=list)
    entered_at = models.DateTimeField("录入时间", db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField("撤销原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "节假日通知"
        verbose_name_plural = "节假日通知"
        ordering = ("-year", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("number",), condition=models.Q(withdrawn_at=None), name="holiday_notice_once"
            ),
            models.UniqueConstraint(
                fields=("year",),
                condition=models.Q(withdrawn_at=None, whole_year=True),
                name="holiday_notice_one_per_year",
            ),
            models.CheckConstraint(condition=models.Q(year__range=(FIRST_YEAR, LAST_YEAR)), name="holiday_notice_year"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def stands(self) -> bool:
        """Whether the notice counts now."""
        return self.withdrawn_at is None
