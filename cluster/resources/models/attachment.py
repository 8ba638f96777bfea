"""Texts of the files that published items carry.

Written by cluster.resources.attachments in the worker; the documents of search contain them.
"""

from django.db import models
from django.db.models.functions import Now


class AttachmentState(models.TextChoices):
    """How far the text of a file has come."""

    PENDING = "pending", "待提取"
    DONE = "done", "已提取"
    FAILED = "failed", "提取失败"
    REFUSED = "refused", "不予提取"


class AttachmentText(models.Model):
    """The text of one document of a site, extracted in the worker."""

    schema_name = models.CharField("模式", max_length=63)
    document_id = models.BigIntegerField("附件编号")
    file = models.TextField("文件")
    file_hash = models.CharField("文件摘要值", max_length=64, blank=True)
    filename = models.TextField("文件名")
    state = models.CharField(max_length=10, choices=AttachmentState.choices, default=AttachmentState.PENDING)
    text = models.TextField("文本", blank=True)
    error = models.TextField("说明", blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    not_before = models.DateTimeField("不早于", db_default=Now())
    extracted_at = models.DateTimeField("提取时间", null=True)

    class Meta:
        verbose_name = "附件文本"
        verbose_name_plural = "附件文本"
        constraints = (
            models.UniqueConstraint(fields=("schema_name", "document_id"), name="attachment_one_per_document"),
        )
        indexes = (models.Index(fields=("not_before",), condition=models.Q(state="pending"), name="attachment_due"),)

    def __str__(self) -> str:
        return f"{self.filename}（{self.get_state_display()}）"
