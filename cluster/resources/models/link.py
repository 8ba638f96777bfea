"""What items of the registry say of one another.

Written by cluster.resources.links with the row of the item that speaks; validity and the pages of both ends read it.
"""

from django.db import models

from cluster.resources.models.resource import Resource
from cluster.subsites.models import Subsite


class LinkKind(models.TextChoices):
    """What one item says of another."""

    INTERPRETS = "interprets", "解读"
    REPEALS = "repeals", "废止"
    AMENDS = "amends", "修改"


class ResourceLink(models.Model):
    """A published item points at another, of its own site or of another one; read from both ends.

    Written by cluster.resources.links with the source's row, gone with its withdrawal. The target is named by its page,
    not by its row: it may be published later than the item that points at it.
    """

    source = models.ForeignKey(Resource, verbose_name="由", on_delete=models.CASCADE, related_name="links")
    kind = models.CharField("关系", max_length=12, choices=LinkKind.choices)
    target_site = models.ForeignKey(Subsite, verbose_name="对象站点", on_delete=models.CASCADE, related_name="+")
    target_page_id = models.BigIntegerField("对象页面编号")
    since = models.DateField("自", null=True)

    class Meta:
        verbose_name = "信息关联"
        verbose_name_plural = "信息关联"
        constraints = (
            models.UniqueConstraint(
                fields=("source", "kind", "target_site", "target_page_id"), name="resource_link_once"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=LinkKind.values), name="resource_link_known"),
        )
        indexes = (models.Index(fields=("target_site", "target_page_id", "kind"), name="resource_link_target"),)

    def __str__(self) -> str:
        return f"{self.source_id} {self.get_kind_display()} {self.target_site_id}:{self.target_page_id}"
