"""Finding: an item that broke its column's rules around the gate, was refused when its hour came, or cannot be read.

Written by sites.common.gate (worker, schedule) and settled when the item passes the gate again; a trigger tells the ledger.
Read by the site's admin and by the console. Public: nobody visits 113 schemas for it.
"""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import Subsite

# The rule that a live page breaks whose change could not be entered into the registry.
NOT_ENTERED = "content.entered"


class FindingKind(models.TextChoices):
    """What was done about it."""

    TAKEN_OFF = "taken_off", "已撤下"
    FLAGGED = "flagged", "已标记"
    STANDING = "standing", "原有内容待改"
    SCHEDULE_REFUSED = "schedule_refused", "定时发布未通过"
    # It stays live until somebody has looked: so many of its type cannot be read that the program is suspected, or its change
    # could not be entered.
    HELD = "held", "等待核实"


class Finding(models.Model):
    """One item of a site, what is wrong with it, and what was done."""

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="findings")
    page_id = models.BigIntegerField("页面编号")
    page_type = models.CharField("页面类型", max_length=100, blank=True, default="", db_default="")
    title = models.TextField("标题")
    column_code = models.CharField("栏目代码", max_length=40, blank=True)
    kind = models.CharField("处置", max_length=20, choices=FindingKind.choices)
    # As sites.common.gate keeps verdicts: rule_id, severity, sentence, basis, cure.
    verdicts = models.JSONField("检查结果", default=list)
    content_hash = models.CharField("内容摘要值", max_length=64, blank=True)
    found_at = models.DateTimeField("发现时间", default=timezone.now)
    settled_at = models.DateTimeField("解决时间", null=True, blank=True)

    class Meta:
        verbose_name = "发布检查发现"
        verbose_name_plural = "发布检查发现"
        ordering = ("-found_at", "-pk")
        indexes = (
            models.Index(fields=("site", "page_id"), name="finding_page"),
            models.Index(fields=("-found_at",), condition=models.Q(settled_at=None), name="finding_open"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.title}"

    @property
    def sentences(self) -> list[str]:
        """What is wrong, by which rule, and the cure; one sentence for each rule."""
        return [_sentence(verdict) for verdict in self.verdicts]


def held_findings() -> "QuerySet[Finding]":
    """Return the pages that still stand before the citizens, unread or not entered, and that somebody must look at."""
    standing = Resource.objects.filter(
        site=OuterRef("site"), page_id=OuterRef("page_id"), state=ResourceState.PUBLISHED
    )
    return Finding.objects.filter(Exists(standing), kind=FindingKind.HELD, settled_at=None)


def not_entered() -> "QuerySet[Finding]":
    """Return those of them whose change could not be entered."""
    return held_findings().filter(verdicts__contains=[{"rule_id": NOT_ENTERED}])


def _sentence(verdict: dict[str, Any]) -> str:
    basis = f"；依据：{verdict['basis']}" if verdict.get("basis") else ""
    return f"{verdict['sentence']}（规则 {verdict['rule_id']}{basis}）{verdict.get('cure', '')}"
