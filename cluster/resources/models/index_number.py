"""Index numbers, which outlive the documents that bear them.

Written by cluster.resources.index_numbers; a trigger in every site compares its documents with them.
"""

from django.db import models
from django.db.models.functions import Now


class IndexNumber(models.Model):
    """An index number (索引号) that was once given to a document: it is that document's for ever.

    Rows are only added (triggers refuse the rest), and none hangs on a site or a page: withdrawal, deletion, the closure of
    a site and the restore of its schema leave them alone. `document` is the page's translation key, which unlike its number
    is never given twice. Written by cluster.resources.index_numbers.
    """

    number = models.CharField("索引号", max_length=40, primary_key=True)
    document = models.UUIDField("文件", db_index=True)
    site_code = models.CharField("站点代码", max_length=40)
    title = models.TextField("取号时的标题", blank=True)
    prefix = models.CharField("单位代码", max_length=18)
    year = models.PositiveSmallIntegerField("年份")
    serial = models.PositiveIntegerField("序号")
    is_generated = models.BooleanField("系统生成")
    given_at = models.DateTimeField("取号时间", db_default=Now())

    class Meta:
        verbose_name = "索引号"
        verbose_name_plural = "索引号"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(number__regex=r"^[0-9A-Za-z]{9,18}/[0-9]{4}([0-9]{2})?-[0-9]{5}$"),
                name="index_number_form",
            ),
        )
        indexes = (
            models.Index(
                fields=("prefix", "year", "-serial"), condition=models.Q(is_generated=True), name="index_number_last"
            ),
        )

    def __str__(self) -> str:
        return self.number
