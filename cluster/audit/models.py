"""LedgerEntry: one line of the append-only ledger.

Written only by database triggers (cluster/resources/sql), so that no road to a publication misses it; read by the
console. A trigger refuses UPDATE, DELETE and TRUNCATE to every role, and the web role lacks the privileges besides.
"""

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Now


class LedgerAction(models.TextChoices):
    """What happened."""

    PUBLISH = "publish", "发布"
    REVISE = "revise", "更新"
    WITHDRAW = "withdraw", "撤回"
    ERASE = "erase", "删除登记"
    SITE_REGISTERED = "site_registered", "站点登记"
    SITE_STATE = "site_state", "站点状态变更"
    SITE_CHANGED = "site_changed", "站点资料变更"
    SITE_REMOVED = "site_removed", "站点注销"
    COLUMNS_CHECKED = "columns_checked", "栏目结构检查"
    TEMPLATE_DRAFTED = "template_drafted", "编制栏目模板草稿"
    TEMPLATE_EDITED = "template_edited", "修改栏目模板草稿"
    TEMPLATE_DISCARDED = "template_discarded", "放弃栏目模板草稿"
    TEMPLATE_IN_FORCE = "template_in_force", "启用栏目模板"
    TEMPLATE_APPLIED = "template_applied", "应用栏目模板"
    HOLIDAYS_ENTERED = "holidays_entered", "录入节假日通知"
    HOLIDAYS_WITHDRAWN = "holidays_withdrawn", "撤销节假日通知"
    GATE_OVERRIDE = "gate_override", "说明理由后发布"
    GATE_FINDING = "gate_finding", "发布检查发现"
    WAIVER_ASKED = "waiver_asked", "申请豁免"
    WAIVER_GRANTED = "waiver_granted", "批准豁免"
    WAIVER_REFUSED = "waiver_refused", "不予豁免"
    WAIVER_ENDED = "waiver_ended", "终止豁免"
    CONTENT_NOTED = "content_noted", "补记内容摘要值"


class LedgerEntry(models.Model):
    """One thing that happened: to what, when, by whom, why."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("时间", db_default=Now())
    site_code = models.CharField("站点", max_length=40)
    action = models.CharField("事项", max_length=20, choices=LedgerAction.choices)
    subject_type = models.CharField("对象", max_length=20)
    subject_id = models.CharField("对象编号", max_length=64)
    title = models.TextField("标题", blank=True)
    version = models.BigIntegerField("版本", null=True)
    content_hash = models.CharField("内容摘要值", max_length=64, blank=True)
    actor = models.JSONField("操作人", default=dict)
    reason = models.TextField("原因", blank=True)
    detail = models.JSONField("详情", default=dict)

    class Meta:
        verbose_name = "台账记录"
        verbose_name_plural = "台账记录"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("site_code", "-id"), name="ledger_site"),
            models.Index(fields=("subject_type", "subject_id"), name="ledger_subject"),
            # By these a publication finds what was published before: the same page, the same content elsewhere in the site, and the
            # same text under another title. All begin with the site's code, so that no other index can serve the question.
            models.Index(KeyTextTransform("page", "detail"), name="ledger_page"),
            models.Index(KeyTextTransform("digest", "detail"), name="ledger_digest"),
            models.Index(KeyTextTransform("text", "detail"), name="ledger_text"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_action_display()} {self.title}"
