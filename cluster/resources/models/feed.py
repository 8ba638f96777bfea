"""The change feed: what in a site is to be looked at again, and who must hear of a changed row of the registry.

Marks and changes are written by database triggers (cluster/resources/sql); the worker takes them away when they are done.
"""

from django.db import models
from django.db.models.functions import Now


class FeedRow(models.Model):
    """What a Mark and a Change have in common: tries, back-off and the place for poison."""

    id = models.BigAutoField(primary_key=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", db_default=0)
    not_before = models.DateTimeField("不早于", db_default=Now())
    error = models.TextField("错误", db_default="")
    parked_at = models.DateTimeField("搁置时间", null=True)

    class Meta:
        abstract = True


class MarkScope(models.TextChoices):
    """What a mark points at."""

    PAGE = "page", "页面"
    SUBTREE = "subtree", "页面及下级"
    DOCUMENT = "document", "附件"
    IMAGE = "image", "图片"
    SITE = "site", "全站"


class Mark(FeedRow):
    """Something in a site changed, by whatever road: look at it again. Written by triggers only."""

    schema_name = models.CharField("模式", max_length=63)
    scope = models.CharField("范围", max_length=10, choices=MarkScope.choices)
    object_id = models.BigIntegerField("对象编号", db_default=0)
    marked_at = models.DateTimeField("标记时间", db_default=Now())

    class Meta:
        verbose_name = "待登记变更"
        verbose_name_plural = "待登记变更"
        indexes = (models.Index(fields=("not_before", "id"), condition=models.Q(parked_at=None), name="mark_due"),)

    def __str__(self) -> str:
        return f"{self.schema_name} {self.get_scope_display()} {self.object_id}"


class Consumer(models.Model):
    """Someone who must hear of every change of the registry."""

    name = models.CharField("名称", max_length=60, primary_key=True)
    active = models.BooleanField("启用", default=True)
    registered_at = models.DateTimeField("登记时间", db_default=Now())
    heartbeat_at = models.DateTimeField("最近活动", db_default=Now())

    class Meta:
        verbose_name = "变更订阅方"
        verbose_name_plural = "变更订阅方"

    def __str__(self) -> str:
        return self.name


class Change(FeedRow):
    """A resource changed; this consumer has not yet heard of it."""

    consumer = models.CharField("订阅方", max_length=60)
    resource_id = models.UUIDField("信息资源")
    version = models.BigIntegerField("版本")
    created_at = models.DateTimeField("产生时间", db_default=Now())

    class Meta:
        verbose_name = "待分发变更"
        verbose_name_plural = "待分发变更"
        indexes = (
            models.Index(
                fields=("consumer", "not_before", "id"), condition=models.Q(parked_at=None), name="change_due"
            ),
            models.Index(fields=("resource_id",), name="change_resource"),
            # Few or none: asked at every batch that was told.
            models.Index(
                fields=("consumer", "resource_id"), condition=models.Q(parked_at__isnull=False), name="change_parked"
            ),
        )

    def __str__(self) -> str:
        return f"{self.consumer} {self.resource_id}"
