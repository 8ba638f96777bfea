"""GatePass: the proof that an item was checked before it went live, was submitted or scheduled, and what was said.

Written by sites.common.gate.passes in the transaction that publishes; a deferred trigger on wagtailcore_page looks for it at
the commit. Never changed afterwards. Lies in the site's schema, so a site handed over keeps its proofs.
"""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models.functions import Cast


class PassPurpose(models.TextChoices):
    """On which occasion the item was checked."""

    LIVE = "live", "发布"
    SCHEDULED = "scheduled", "定时"
    SUBMITTED = "submitted", "送审"
    # The worker looked at what stands live already. The database lets nothing go live with it.
    RECHECKED = "rechecked", "复核"


# The passes that say how a live page was when it was last judged.
OF_LIVE_PAGES = (PassPurpose.LIVE.value, PassPurpose.RECHECKED.value)


class GatePass(models.Model):
    """One check that an item passed. `page_id` and `revision_id` are plain numbers: the proof outlives the page.

    `verdicts` holds what was not in order and yet no reason to stop: advice, waived rules, warnings with their `reason`.
    """

    page_id = models.BigIntegerField("页面编号")
    revision_id = models.BigIntegerField("版本编号", null=True)
    purpose = models.CharField("场合", max_length=10, choices=PassPurpose.choices, default=PassPurpose.LIVE)
    column_code = models.CharField("栏目代码", max_length=40, blank=True)
    # cluster.column_templates.vocabulary.ItemType; empty in passes from before it was kept.
    item_type = models.CharField("内容类型", max_length=20, blank=True, default="", db_default="")
    # The column in which it stands, which may be one of the site's own below that of the law.
    placed_under = models.BigIntegerField("所在栏目", null=True)
    content_hash = models.CharField("内容摘要值", max_length=64)
    template_version = models.PositiveIntegerField("栏目模板版本")
    verdicts = models.JSONField("检查结果", default=list)
    actor = models.JSONField("操作人", default=dict)
    reason = models.TextField("说明的理由", blank=True)
    # The last three are the database's own word (qz_stamp_pass), whatever the writer says: whether a role wrote it that owns the
    # tables (commands, worker), when, and in which transaction.
    by_owner = models.BooleanField("由属主角色写入", default=False, db_default=False)
    at = models.DateTimeField("时间", db_default=TransactionNow())
    xid = models.BigIntegerField(
        "事务编号",
        db_default=Cast(Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()),
    )

    class Meta:
        verbose_name = "发布检查记录"
        verbose_name_plural = "发布检查记录"
        indexes = (models.Index(fields=("page_id", "-id"), name="gatepass_page"),)

    def __str__(self) -> str:
        return f"{self.page_id} {self.get_purpose_display()} {self.at:%Y-%m-%d %H:%M}"
