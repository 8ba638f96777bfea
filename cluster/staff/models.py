"""Person: a human being, known in the whole cluster by one uuid.

Accounts of every site carry the uuid of their person; rules about different people compare persons, never accounts.
"""

import uuid

from django.db import models


class Person(models.Model):
    """A human being who works in the cluster."""

    uuid = models.UUIDField("编号", primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("姓名", max_length=60)
    unit = models.CharField("单位", max_length=120, blank=True)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    disabled_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "工作人员"
        verbose_name_plural = "工作人员"
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）" if self.unit else self.name
