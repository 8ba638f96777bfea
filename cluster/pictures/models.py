"""Pictures that want AVIF forms, in `public`: a page that shows them and finds none writes a row, the worker takes it away."""

from django.db import models
from django.db.models.functions import Now


class PictureOrder(models.Model):
    """A picture whose WebP forms want an AVIF form each. One that cannot be encoded stays, so that nobody orders it again."""

    schema_name = models.CharField("站点", max_length=63)
    image_id = models.BigIntegerField("图片")
    # The uploaded file: another one under the same number is another picture.
    file = models.CharField("文件", max_length=255)
    attempts = models.PositiveSmallIntegerField("尝试次数", db_default=0)
    not_before = models.DateTimeField("最早处理时间", db_default=Now())
    given_up = models.BooleanField("已搁置", db_default=False)
    error = models.TextField("原因", blank=True, db_default="")

    class Meta:
        verbose_name = "图片格式任务"
        verbose_name_plural = "图片格式任务"
        indexes = (
            models.Index(fields=("schema_name", "image_id"), name="picture_order_image"),
            models.Index(fields=("not_before", "id"), condition=models.Q(given_up=False), name="picture_order_due"),
        )

    def __str__(self) -> str:
        return f"{self.schema_name} {self.file}"
