"""ImportedDocument: which document of an outer source stands on which page, and in which wording it came last.

Written and read by sites.content.importing; lies in the site's schema, so a site handed over keeps its memory.
"""

from django.db import models


class ImportedDocument(models.Model):
    """One document that came in from outside.

    `digest` tells a record that is as it was last time from one that changed, whatever editors did with the page.
    `page_id` is a plain number: when editors delete the page, the row stays and says that they did not want it.
    """

    source_id = models.CharField("来源编号", max_length=200, unique=True)
    page_id = models.BigIntegerField("页面编号", db_index=True)
    digest = models.CharField("内容摘要值", max_length=64)
    origin = models.CharField("出处", max_length=500, blank=True)
    imported_at = models.DateTimeField("首次导入时间", auto_now_add=True)
    revised_at = models.DateTimeField("最近更新时间", auto_now=True)

    class Meta:
        verbose_name = "导入文件"
        verbose_name_plural = "导入文件"

    def __str__(self) -> str:
        return self.source_id
