"""Job: long work that the console orders, the worker does and everybody may watch."""

import uuid

from django.db import models


class JobState(models.TextChoices):
    """State of a job."""

    QUEUED = "queued", "等待执行"
    RUNNING = "running", "正在执行"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"


class Job(models.Model):
    """One order: what to do, with which parameters, for whom, and how far it has come.

    `heartbeat_at` is renewed while a worker has it; a running job whose heartbeat is old is taken up again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("任务", max_length=40)
    params = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    step = models.CharField("当前步骤", max_length=120, blank=True)
    progress = models.PositiveSmallIntegerField("进度", default=0)
    message = models.TextField("说明", blank=True)
    log = models.JSONField("记录", default=list)
    actor = models.JSONField("发起人", default=dict)
    created_at = models.DateTimeField("提交时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    heartbeat_at = models.DateTimeField("最近活动", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "任务"
        verbose_name_plural = "任务"
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="job_progress_percent"),
        )

    def __str__(self) -> str:
        return f"{self.kind}（{self.get_state_display()}）"
