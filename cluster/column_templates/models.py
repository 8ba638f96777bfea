"""Versions of the column templates, the version that each site has, waivers, and what the nightly check found; all public.

Versions are made by `versions` (command, console), put in force by apply; `current` reads the one in force.
"""

from datetime import date

from django.db import models
from django.utils import timezone

from cluster.subsites.models import Subsite


class VersionState(models.TextChoices):
    """Where a version stands: one may be written, one is in force, the others are kept."""

    DRAFT = "draft", "草稿"
    CURRENT = "current", "现行"
    PAST = "past", "历史"


class TemplateVersion(models.Model):
    """The texts of all kinds of site together, as `{file name: text}`; read by `reading`.

    A trigger keeps the texts of what has been in force, and lets the role of the web processes write drafts alone.
    """

    number = models.PositiveIntegerField("版本", unique=True)
    state = models.CharField("状态", max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    sources = models.JSONField("模板文本")
    digest = models.CharField("摘要值", max_length=64)
    language = models.PositiveSmallIntegerField("模板语言", default=1, db_default=1)
    note = models.TextField("说明", blank=True)
    actor = models.JSONField("编制人", default=dict, blank=True)
    created_at = models.DateTimeField("编制时间", default=timezone.now)
    applied_at = models.DateTimeField("启用时间", null=True, blank=True)

    class Meta:
        verbose_name = "栏目模板版本"
        verbose_name_plural = "栏目模板版本"
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=VersionState.values), name="template_state_known"),
            models.UniqueConstraint(
                fields=("state",), condition=models.Q(state="current"), name="template_one_current"
            ),
            models.UniqueConstraint(fields=("state",), condition=models.Q(state="draft"), name="template_one_draft"),
        )

    def __str__(self) -> str:
        return f"第 {self.number} 版"

    @property
    def author(self) -> str:
        """Who wrote it, as the ledger knows them; empty where nobody said so."""
        return str(self.actor.get("name", ""))

    @property
    def written_text(self) -> str:
        """Say who wrote it, and when."""
        return f"{self.author or '没有登记姓名的人'}，{timezone.localtime(self.created_at):%Y-%m-%d %H:%M} 保存"


class SiteVersion(models.Model):
    """Which version a site's columns follow, and what its application did there."""

    site = models.OneToOneField(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="template_version")
    version = models.PositiveIntegerField("版本")
    applied_at = models.DateTimeField("应用时间", default=timezone.now)
    report = models.JSONField("报告", default=dict, blank=True)

    class Meta:
        verbose_name = "站点模板版本"
        verbose_name_plural = "站点模板版本"

    def __str__(self) -> str:
        return f"{self.site_id} 第 {self.version} 版"


class WaiverState(models.TextChoices):
    """A waiver is asked for by a site, then granted or refused by the office; it ends on its day, or when called back."""

    ASKED = "asked", "待批"
    GRANTED = "granted", "已批准"
    REFUSED = "refused", "未批准"
    ENDED = "ended", "已终止"


def granted_text(signer: str, expires_on: date | None, reason: str) -> str:
    """Say who granted a waiver, until when and why; the same words wherever a waived rule shows."""
    return f"{signer}批准豁免，至{expires_on:%Y-%m-%d}有效，理由：{reason}"


class Waiver(models.Model):
    """A site need not keep one rule of a column (`rule_id`), or any of them (""); without a column, the rule in all of the site."""

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="waivers")
    column_code = models.CharField("栏目代码", max_length=40, blank=True)
    rule_id = models.CharField("规则", max_length=120, blank=True)
    reason = models.TextField("理由")
    state = models.CharField("状态", max_length=10, choices=WaiverState.choices, default=WaiverState.ASKED)
    asked_by = models.JSONField("申请人", default=dict, blank=True)
    asked_at = models.DateTimeField("申请时间", default=timezone.now)
    signer = models.JSONField("签批人", default=dict, blank=True)
    decided_at = models.DateTimeField("签批时间", null=True, blank=True)
    note = models.TextField("批注", blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        verbose_name = "豁免"
        verbose_name_plural = "豁免"
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=WaiverState.values), name="waiver_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state="granted") | (~models.Q(signer={}) & models.Q(expires_on__isnull=False)),
                name="waiver_granted_is_signed",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="waiver_has_reason"),
            # Nobody is let off everything everywhere.
            models.CheckConstraint(condition=~models.Q(column_code="", rule_id=""), name="waiver_names_something"),
        )
        indexes = (models.Index(fields=("site", "column_code"), name="waiver_column"),)

    def __str__(self) -> str:
        return f"{self.column_code} {self.rule_id} {self.get_state_display()}".strip()

    @property
    def asked_by_name(self) -> str:
        """Who asked."""
        return str(self.asked_by.get("name", ""))

    @property
    def signer_name(self) -> str:
        """Who decided last; empty while nobody has."""
        return str(self.signer.get("name", ""))

    @property
    def text(self) -> str:
        """Say of a granted waiver who signed it, until when and why."""
        return granted_text(self.signer_name, self.expires_on, self.reason)


class StructureNotice(models.Model):
    """What the look at the structure found and the office must hear of: once, however long it stands."""

    site_code = models.CharField("站点", max_length=40, blank=True)
    sentence = models.TextField("发现")
    repaired = models.BooleanField("已修复", default=False)
    found_at = models.DateTimeField("发现时间", default=timezone.now)
    resolved_at = models.DateTimeField("了结时间", null=True, blank=True)
    mailed_at = models.DateTimeField("发信时间", null=True, blank=True)

    class Meta:
        verbose_name = "栏目结构检查通知"
        verbose_name_plural = "栏目结构检查通知"
        ordering = ("-found_at", "pk")

    def __str__(self) -> str:
        return f"{self.site_code or '公共库'}：{self.sentence}{'（已修复）' if self.repaired else ''}"
